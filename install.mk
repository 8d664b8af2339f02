# make install: programs, manuals and examples below PREFIX (and DESTDIR); no owners, no set-id bits, no privilege.
# make install-system: what only root can add, on the machine itself: users, groups, modes, /etc/waypost, the spool.

PREFIX     ?= /usr/local
DESTDIR    ?=
SYSCONFDIR ?= /etc
BINDIR     := $(DESTDIR)$(PREFIX)/bin
SBINDIR    := $(DESTDIR)$(PREFIX)/sbin
LIBEXECDIR := $(DESTDIR)$(PREFIX)/libexec/waypost
MANDIR     := $(DESTDIR)$(PREFIX)/share/man
EXAMPLEDIR := $(DESTDIR)$(PREFIX)/share/doc/waypost/examples
# Where bash-completion and zsh look.
BASHDIR    := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSHDIR     := $(DESTDIR)$(PREFIX)/share/zsh/site-functions
INSTALL    ?= install

# Programs that find no other beside themselves look in PREFIX/libexec/waypost. The object is made anew when PREFIX
# differs from that of the last build.
$(OUT)/lib/sys/home.o: CXXFLAGS += -DWAYPOST_LIBEXEC='"$(PREFIX)/libexec/waypost"'
$(OUT)/lib/sys/home.o: $(OUT)/prefix
$(OUT)/prefix: prefix-is-asked-each-time
	@mkdir -p $(@D)
	@[ "$$(cat $@ 2>/dev/null)" = "$(PREFIX)" ] || echo "$(PREFIX)" > $@

# The demo's sink and the like are no part of an installation.
INSTALLED  = $(filter-out $(OUT)/waypost-sink,$(filter $(OUT)/waypost%,$(PROGRAMS)))
# A process that executes what it cannot read is not dumpable from its first instruction on (execve(2), proc(5)).
UNREADABLE := waypost-deliver waypost-sender
# A command is called as `waypost NAME`; these are called by their own names as well, by links.
BIN_LINKS  := waypost=waypost mailq=waypost-inject newaliases=waypost-inject
SBIN_LINKS := sendmail=waypost-inject waypost-start=waypost-start

.PHONY: install install-system prefix-is-asked-each-time
install: all
	@$(INSTALL) -d $(BINDIR) $(SBINDIR) $(LIBEXECDIR) $(EXAMPLEDIR)
	@for program in $(INSTALLED); do \
	  to=$(LIBEXECDIR)/$${program##*/}; \
	  $(INSTALL) -m 0755 "$$program" "$$to.new"; \
	  [ $(BUILD) = sanitize ] || strip --strip-debug "$$to.new"; \
	  case " $(UNREADABLE) " in *" $${program##*/} "*) chmod 0711 "$$to.new" ;; esac; \
	  mv -f "$$to.new" "$$to"; \
	done
	@for link in $(CHANGE_NAMES); do ln -sfn waypost-change $(LIBEXECDIR)/$$link; done
	@for link in $(BIN_LINKS); do ln -sfn ../libexec/waypost/$${link#*=} $(BINDIR)/$${link%=*}; done
	@for link in $(SBIN_LINKS); do ln -sfn ../libexec/waypost/$${link#*=} $(SBINDIR)/$${link%=*}; done
	@for page in man/*.[0-9]; do \
	  section=$${page##*.}; $(INSTALL) -d $(MANDIR)/man$$section; \
	  $(INSTALL) -m 0644 "$$page" $(MANDIR)/man$$section/; \
	done
	@for link in sendmail.8 mailq.1 newaliases.1; do \
	  $(INSTALL) -d $(MANDIR)/man$${link##*.}; echo '.so man1/waypost-inject.1' > $(MANDIR)/man$${link##*.}/$$link; \
	done
	@$(INSTALL) -d $(BASHDIR) $(ZSHDIR)
	@$(INSTALL) -m 0644 etc/completion/waypost.bash $(BASHDIR)/waypost
	@$(INSTALL) -m 0644 etc/completion/_waypost $(ZSHDIR)/_waypost
	@cp -R etc/waypost.toml etc/systemd etc/runit etc/s6 $(EXAMPLEDIR)/
	@find $(EXAMPLEDIR) -type f \( -path '*/systemd/*' -o -name waypost.toml \) \
	  -exec sed -i 's#/usr/local/#$(PREFIX)/#g' {} +
	@find $(EXAMPLEDIR) -name run -exec sed -i 's#/usr/local/#$(PREFIX)/#g' {} + -exec chmod 0755 {} +
	@echo "installed below $(DESTDIR)$(PREFIX); as root, \`make install-system\` adds users, modes and folders"

install-system:
	@LIBEXEC=$(LIBEXECDIR) EXAMPLES=$(EXAMPLEDIR) SYSCONFDIR=$(SYSCONFDIR) etc/install-system

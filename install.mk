# make install: programs, manuals and examples below PREFIX (and DESTDIR); no owners, no set-id bits, no privilege.
# make uninstall: takes away what make install would put there; queue, users and configuration stay.
# make install-system: what only root can add, on the machine itself: users, groups, modes, /etc/waypost, the spool.
# make deb: a Debian package of all that, below build/deb, from the release build; debian/ holds the rest.

PREFIX     ?= /usr/local
DESTDIR    ?=
SYSCONFDIR ?= /etc
BINDIR     := $(DESTDIR)$(PREFIX)/bin
SBINDIR    := $(DESTDIR)$(PREFIX)/sbin
LIBEXECDIR := $(DESTDIR)$(PREFIX)/libexec/waypost
MANDIR     := $(DESTDIR)$(PREFIX)/share/man
EXAMPLEDIR := $(DESTDIR)$(PREFIX)/share/doc/waypost/examples
# Where bash-completion and zsh look; Debian's packages have a place of their own for the latter.
BASHDIR    := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSHDIR     := $(DESTDIR)$(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
INSTALL    ?= install

# Programs that find no other beside themselves look below /usr and /usr/local, and in PREFIX when that is another. Then
# the object is made anew.
ELSEWHERE := $(filter-out /usr /usr/local,$(PREFIX))
$(OUT)/lib/sys/home.o: CXXFLAGS += $(ELSEWHERE:%=-DWAYPOST_LIBEXEC='"%/libexec/waypost"')
$(OUT)/lib/sys/home.o: $(OUT)/prefix
$(OUT)/prefix: prefix-is-asked-each-time
	@mkdir -p $(@D)
	@[ -e $@ ] && [ "$$(cat $@)" = "$(ELSEWHERE)" ] || echo "$(ELSEWHERE)" > $@

# The demo's sink and its manual are no part of an installation.
INSTALLED  = $(filter-out $(OUT)/waypost-sink,$(filter $(OUT)/waypost%,$(PROGRAMS)))
# A process that executes what it cannot read is not dumpable from its first instruction on (execve(2), proc(5)).
UNREADABLE := waypost-deliver waypost-sender waypost-local
# A command is called as `waypost NAME`; these are called by their own names as well, by links.
BIN_LINKS  := waypost=waypost mailq=waypost-inject newaliases=waypost-inject
SBIN_LINKS := sendmail=waypost-inject waypost-start=waypost-start

.PHONY: install uninstall install-system deb prefix-is-asked-each-time
install: all
	@$(INSTALL) -d $(BINDIR) $(SBINDIR) $(LIBEXECDIR) $(EXAMPLEDIR)
	@for program in $(INSTALLED); do \
	  to=$(LIBEXECDIR)/$${program##*/}; \
	  $(INSTALL) -m 0755 "$$program" "$$to.new"; \
	  [ $(BUILD) = sanitize ] || strip --strip-debug "$$to.new"; \
	  case " $(UNREADABLE) " in *" $${program##*/} "*) chmod 0711 "$$to.new" ;; esac; \
	  mv -f "$$to.new" "$$to"; \
	done
	@$(INSTALL) -m 0755 etc/install-system $(LIBEXECDIR)/install-system
	@for link in $(CHANGE_NAMES); do ln -sfn waypost-change $(LIBEXECDIR)/$$link; done
	@for link in $(BIN_LINKS); do ln -sfn ../libexec/waypost/$${link#*=} $(BINDIR)/$${link%=*}; done
	@for link in $(SBIN_LINKS); do ln -sfn ../libexec/waypost/$${link#*=} $(SBINDIR)/$${link%=*}; done
	@for page in $(filter-out man/waypost-sink.1,$(wildcard man/*.[0-9])); do \
	  section=$${page##*.}; $(INSTALL) -d $(MANDIR)/man$$section; \
	  $(INSTALL) -m 0644 "$$page" $(MANDIR)/man$$section/; \
	done
	@for link in sendmail.8 mailq.1 newaliases.1; do \
	  $(INSTALL) -d $(MANDIR)/man$${link##*.}; echo '.so man1/waypost-inject.1' > $(MANDIR)/man$${link##*.}/$$link; \
	done
	@$(INSTALL) -d $(BASHDIR) $(ZSHDIR)
	@$(INSTALL) -m 0644 etc/completion/waypost.bash $(BASHDIR)/waypost
	@$(INSTALL) -m 0644 etc/completion/_waypost $(ZSHDIR)/_waypost
	@cp -R etc/waypost.toml etc/submit.toml etc/cron etc/systemd etc/runit etc/s6 $(EXAMPLEDIR)/
	@find $(EXAMPLEDIR) -type f -exec sed -i 's#/usr/local/#$(PREFIX)/#g' {} +
	@echo "installed below $(DESTDIR)$(PREFIX); as root, \`make install-system\` adds users, modes and folders"

# What to remove is what an installation into an empty folder holds.
uninstall: all
	@staged=$$(mktemp -d); trap 'rm -r "$$staged"' EXIT; \
	$(MAKE) --no-print-directory install DESTDIR="$$staged" >/dev/null; \
	cd "$$staged$(PREFIX)"; \
	find . ! -type d -exec sh -c 'cd "$$0" && exec rm -f "$$@"' $(DESTDIR)$(PREFIX) {} +; \
	cd $(DESTDIR)$(PREFIX) && find libexec/waypost share/doc/waypost -depth -type d -empty -delete
	@echo "no waypost any more below $(DESTDIR)$(PREFIX); its queue, users and configuration stay"

install-system:
	@LIBEXEC=$(LIBEXECDIR) EXAMPLES=$(EXAMPLEDIR) SYSCONFDIR=$(SYSCONFDIR) etc/install-system

# debian/rules makes nothing anew that is built, so this takes seconds. dpkg-buildpackage works as well.
deb: deb-deps
	@$(MAKE) --no-print-directory BUILD=release all
	@rm -rf build/deb && mkdir -p build/deb
	@DEB_OUT=$(CURDIR)/build/deb debian/rules clean binary > build/deb/log 2>&1 || { cat build/deb/log; exit 1; }
	@debian/rules clean >> build/deb/log 2>&1
	@ls build/deb/*.deb

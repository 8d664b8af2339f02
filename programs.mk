# What each program links. A static program starts for each message and must stay lean: no NSS, no fmt, no libuv.
#
#                      main                        linkage  rooms                                    libraries
$(eval $(call program,queue/accept/waypost-accept,static,queue/accept lib/mail lib/sys,))
$(eval $(call program,queue/accept/waypost-queue,static,queue/accept lib/mail lib/sys,))
$(eval $(call program,queue/bounce/waypost-bounce,dynamic,queue/bounce lib/mail lib/sys,))
$(eval $(call program,queue/inject/waypost-inject,static,queue/inject queue/accept lib/mail lib/sys,))
$(eval $(call program,route/waypost-config,dynamic,route lib/mail lib/sys,-lidn2))
$(eval $(call program,route/waypost-route,dynamic,route lib/mail lib/sys,-lidn2))
$(eval $(call program,sasl/waypost-sasl,dynamic,sasl lib/net lib/mail lib/sys,-luv -lcrypto -lsodium -lidn))
$(eval $(call program,sasl/waypost-token,dynamic,sasl lib/mail lib/sys,))
$(eval $(call program,sasl/waypost-credential,dynamic,sasl lib/mail lib/sys,-lcrypto -lsodium -lidn))
$(eval $(call program,local/waypost-lspawn,dynamic,local lib/net lib/mail lib/sys,))
$(eval $(call program,local/waypost-local,dynamic,local lib/mail lib/sys,))
$(eval $(call program,start/waypost-start,dynamic,start lib/mail lib/sys,))
$(eval $(call program,start/waypost,static,lib/sys,))
$(eval $(call program,demo/waypost-sink,dynamic,demo lib/sys,-lssl -lcrypto))
$(eval $(call program,queue/manager/waypost-qmgr,dynamic,queue/manager queue/spool queue/accept lib/net lib/mail lib/sys,-luv))
$(eval $(call program,deliver/waypost-deliver,dynamic,deliver lib/net lib/mail lib/sys,-luv))
$(eval $(call program,queue/commands/waypost-change,dynamic,queue/commands queue/manager queue/spool lib/mail lib/sys,))
$(eval $(call program,queue/commands/waypost-list,dynamic,queue/commands queue/manager queue/spool lib/mail lib/sys,))
$(eval $(call program,queue/commands/waypost-show,dynamic,queue/commands queue/manager queue/spool lib/mail lib/sys,))
$(eval $(call program,queue/commands/waypost-stats,dynamic,queue/commands queue/manager queue/spool lib/mail lib/sys,))
$(eval $(call program,queue/commands/waypost-status,dynamic,queue/commands queue/manager queue/spool lib/mail lib/sys,))
$(eval $(call program,queue/commands/waypost-reload,dynamic,queue/commands queue/manager queue/spool lib/mail lib/sys,))
$(eval $(call program,queue/commands/waypost-top,dynamic,queue/commands queue/manager queue/spool lib/mail lib/sys,))
$(eval $(call program,queue/commands/waypost-why,dynamic,queue/commands queue/manager queue/spool lib/mail lib/sys,))
$(eval $(call program,deliver/waypost-sender,dynamic,deliver socks lib/net lib/mail lib/sys,-luv -lcares -lidn2 -ldl))
$(eval $(call program,deliver/waypost-login,dynamic,deliver socks lib/net lib/mail lib/sys,-luv -lcares -lidn2 -ldl))
$(eval $(call program,deliver/waypost-probe,dynamic,deliver socks lib/net lib/mail lib/sys,-luv -lcares -lidn2 -ldl))
$(eval $(call program,submit/waypost-submit,dynamic,submit queue/inject queue/accept route deliver socks sasl lib/net lib/mail lib/sys,-luv -lcares -lidn2 -ldl -lcrypto -lsodium -lidn))
$(eval $(call program,socks/waypost-socks,dynamic,socks lib/sys,))
$(eval $(call program,dkim/waypost-dkimsign,dynamic,dkim lib/mail lib/sys,-lcrypto -lidn2))
$(eval $(call program,smtpd/waypost-smtpd,static,smtpd lib/mail lib/sys,))
$(eval $(call program,dkim/waypost-overlay,dynamic,dkim lib/net lib/mail lib/sys,-luv -lcrypto -lidn2))
$(eval $(call program,spfcheck/waypost-spfcheck,dynamic,spfcheck lib/net lib/mail lib/sys,-luv -lcares -lidn2 -lpsl))

# One program by several names. Its sixth, bounce, is known to `waypost` alone: waypost-bounce is the renderer of notices.
CHANGE_NAMES  := waypost-hold waypost-release waypost-kick waypost-drop waypost-requeue
PROGRAM_LINKS := $(CHANGE_NAMES:%=$(OUT)/%)
$(PROGRAM_LINKS): $(OUT)/waypost-change
	@ln -sfn waypost-change $@

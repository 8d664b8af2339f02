// Control: the protocol on the socket run/control between the queue's commands and waypost-qmgr.
//
// A connection carries one request record and gets any number of answer records, the last of which
// is type=end. The caller is known by SO_PEERCRED: root and the group wayadmin see and change
// everything; everyone else sees, holds and drops the messages of the own uid.
//
// request  command=list   FILTERS        all of them must match, of several id= any:
//              id= from= to= domain= account= transport= class= held=1 older=SECONDS
//          command=hold|release|kick|drop|bounce|requeue   FILTERS, or all=1 and none; dry=1
//              kick: hand=TRANSPORT goes before all routes from now on; hand= gives the choice back
//          command=why|show   id=         why: transcript=1 asks for dialogues too
//          command=reload    read the snapshot again
//          command=status
//          command=transports
//          command=stats
//          command=top    most=
//          command=stop      behind one that changes: begin no more, and come to the end
// answers
//   type=message   id= arrived= (microseconds) size= sender= account= uid= held=1 hand=
//                  notice=owed|is recipients=N { rcpt=N to= state=pending|delivered|failed
//                  attempts= next= (microseconds) transport= class= reply= classes=
//                  refused=TRANSPORT... }... at most 1,000 recipients a record; more of the same
//                  message follow in further records with the same id
//   type=changed   id= effect=changed|already|held|settled, or text= where it failed
//   type=progress  looked= of=     messages, now and then
//   type=history   { a history entry's fields, history.h }   after the type=message of a `why`
//   type=transcript { a transcript's fields, transcript.h }   after the history, oldest first
//   type=plan      rcpt=N when= (microseconds) attempt= transport= rule= wait=   what comes next,
//                  after the history
//   type=outlook   before the plans: expires= delay= (when the sender is told; both microseconds)
//                  hand= transport=NAME... (all of the configuration) stopped=1 (no manager runs)
//   type=later     behind the plans: as type=plan, for later attempts of the first recipient
//   type=content   bytes=N   followed by one netstring of N bytes, until the message is whole
//   type=status    queued= active= held= generation= { transport= }...
//   type=senders   sender_state.h
//   type=metric type=queue type=transport type=destination    waypost-control(5)
//   type=end       status=0|100|111 text=
#pragma once

#include <cstddef>

namespace waypost {

inline constexpr std::size_t kMaxControlRequest = std::size_t{1} << 20;
inline constexpr std::size_t kMaxControlAnswer = std::size_t{8} << 20;
inline constexpr unsigned kRecipientsPerAnswer = 1000;
inline constexpr std::size_t kContentChunk = std::size_t{64} << 10;

} // namespace waypost

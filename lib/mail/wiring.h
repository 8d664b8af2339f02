// Wiring: which descriptor is what in each program that waypost-start starts. waypost-start(8).
//
// waypost-start makes every pipe and socket, puts each end at its number, drops the program to its
// user and execs it. It keeps none of them but the write end of the lifeline, so that its death
// ends all the others: each reads the lifeline and leaves at its end. Until somebody logs in it
// also keeps what waypost-sasl will be given. Descriptor 2 is the log.
// Programs that are filters (route, bounce) take 0 and 1 as every filter does.
#pragma once

namespace waypost::wiring {

inline constexpr int kLifeline = 3; // in every program: readable when waypost-start is gone

// waypost-qmgr
inline constexpr int kRouteQueries = 4;   // write
inline constexpr int kRouteAnswers = 5;   // read
inline constexpr int kNoticeRequests = 6; // write
inline constexpr int kNoticeAnswers = 7;  // read
inline constexpr int kJobs = 8;           // socket to waypost-deliver
inline constexpr int kControl = 9;        // listening socket run/control
inline constexpr int kStarter = 10;       // write to waypost-start: '\n' the queue is loaded
inline constexpr int kLocalJobs = 11;     // socket to waypost-lspawn
inline constexpr int kOverlays = 12;      // socket to waypost-overlay

// waypost-deliver
inline constexpr int kManager = 0; // socket to waypost-qmgr
inline constexpr int kTemplate =
    4; // socket to waypost-sender, the prepared process that forks senders
inline constexpr int kOracle = 5; // socket to waypost-sasl

// waypost-sender
inline constexpr int kSpawner = 0; // socket to waypost-deliver

// waypost-sasl
inline constexpr int kScopes = 0; // socket to waypost-deliver

// waypost-accept
inline constexpr int kHandovers = 0; // listening socket run/accept

// waypost-lspawn
inline constexpr int kLocalManager = 0; // socket to waypost-qmgr

// waypost-overlay
inline constexpr int kOverlayManager = 0; // socket to waypost-qmgr

} // namespace waypost::wiring

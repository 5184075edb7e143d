#pragma once

#include <caf/atom.hpp>

/// The verbs between actors. CAF 0.17 allows at most 10 characters of [a-z0-9_ ].
namespace switchboard::atom {

// A name that is declared cannot be in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define SWITCHBOARD_ATOM(name)                                                                     \
  using name = caf::atom_constant<caf::atom(#name)>;                                               \
  constexpr name name##_v {}
// NOLINTEND(bugprone-macro-parentheses)

// registry
SWITCHBOARD_ATOM(admit);      // a webhook announces a call
SWITCHBOARD_ATOM(claim);      // a stream names its call with a ticket
SWITCHBOARD_ATOM(live);       // a call actor runs
SWITCHBOARD_ATOM(ended);      // a call is over
SWITCHBOARD_ATOM(callback);   // the carrier reports a call's status
SWITCHBOARD_ATOM(streamover); // the carrier asks what comes after the stream
SWITCHBOARD_ATOM(hangup);     // end a call
SWITCHBOARD_ATOM(drain);      // admit nothing more
SWITCHBOARD_ATOM(expire);     // a deadline of the registry passed

// database
SWITCHBOARD_ATOM(putcall);
SWITCHBOARD_ATOM(updcall);
SWITCHBOARD_ATOM(putrec);
SWITCHBOARD_ATOM(putturn);
SWITCHBOARD_ATOM(putstats);
SWITCHBOARD_ATOM(putmeta);
SWITCHBOARD_ATOM(erase);  // a call is to vanish
SWITCHBOARD_ATOM(erased); // its files have
SWITCHBOARD_ATOM(forget); // take dead words out of the search index
SWITCHBOARD_ATOM(tidy);   // nothing was written for a while
SWITCHBOARD_ATOM(commit); // the group's time is up
SWITCHBOARD_ATOM(job);    // run a job on a worker's thread

// recovery
SWITCHBOARD_ATOM(recover); // finish what a dead process left
SWITCHBOARD_ATOM(past);    // what is left of a call that goes on

// event feed
SWITCHBOARD_ATOM(publish);
SWITCHBOARD_ATOM(sub);

// call tree
SWITCHBOARD_ATOM(tick);
SWITCHBOARD_ATOM(restart);  // back-off of a child is over
SWITCHBOARD_ATOM(direct);   // who stands behind a kept_alive: its clients may talk to it themselves
SWITCHBOARD_ATOM(legdown);  // a leg's socket is gone
SWITCHBOARD_ATOM(modelup);  // the model session is configured
SWITCHBOARD_ATOM(standby);  // a session waits to be taken over
SWITCHBOARD_ATOM(filler);   // fill the gap with a local sound, or stop it
SWITCHBOARD_ATOM(takeover); // a session becomes the one that a call talks to
SWITCHBOARD_ATOM(resume);   // the carrier came back with a new stream
SWITCHBOARD_ATOM(finish);   // end the call
SWITCHBOARD_ATOM(deadline); // a state has lasted too long
SWITCHBOARD_ATOM(facts);    // journal records
SWITCHBOARD_ATOM(written);  // a disk writer's answer
SWITCHBOARD_ATOM(figures);  // what was measured of a call
SWITCHBOARD_ATOM(turn);     // a turn or a part of one
SWITCHBOARD_ATOM(seal);     // make the recording of a journal
SWITCHBOARD_ATOM(stopped);
SWITCHBOARD_ATOM(pauserec); // pause or resume the recording
SWITCHBOARD_ATOM(digit);    // a DTMF digit of the caller
SWITCHBOARD_ATOM(digits);   // what the caller pressed, as one text
SWITCHBOARD_ATOM(runtool);  // the model calls a function
SWITCHBOARD_ATOM(toolout);  // its output
SWITCHBOARD_ATOM(say);      // the agent is to say something of our wish
SWITCHBOARD_ATOM(park);     // close the stream, the call goes on with another
SWITCHBOARD_ATOM(review);   // what the model says of a call that is over
SWITCHBOARD_ATOM(gone);     // the carrier reports that the call is over
SWITCHBOARD_ATOM(linger);   // an ended call has waited long enough

#undef SWITCHBOARD_ATOM

} // namespace switchboard::atom

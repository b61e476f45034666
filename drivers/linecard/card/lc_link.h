/* The reliable half of the link, one side: what we send until it is acknowledged, and which of what
   comes is new. Pure; docs/linecard-protocol.md §4. Sequence numbers have 4 bits, at most 4 frames
   wait for their acknowledgement, a frame is sent again after 50 ms, 100 ms … and given up after
   five tries. */
#ifndef LC_LINK_H
#define LC_LINK_H

#include "lc_frame.h"

enum {
  LC_WINDOW = 4,
  LC_QUEUE = 32,    /* frames that may wait */
  LC_RELIABLE = 32, /* octets of payload that the card sends at most */
  LC_TRIES = 5,
  LC_RETRANSMIT_US = 50000
};

struct lc_waiting {
  uint8_t type, port, size, payload[LC_RELIABLE];
};

struct lc_link {
  struct lc_waiting queue[LC_QUEUE];
  uint8_t first, count; /* in queue */
  uint8_t in_flight;    /* the first so many were sent */
  uint8_t sequence;     /* of the first */
  uint8_t expected;     /* of what comes */
  uint8_t tries;
  uint32_t backoff_us, deadline_us;
  uint32_t repeated; /* frames that were sent again */
};

enum lc_arrival { LC_IS_NEW, LC_IS_KNOWN, LC_IS_AHEAD };

typedef void lc_send(void *context, uint8_t type, uint8_t sequence, uint8_t port,
                     const uint8_t *payload, size_t size);

void lc_link_init(struct lc_link *link);
/* False when the queue is full or the payload too long: the link cannot be trusted any more. */
bool lc_link_push(struct lc_link *link, uint8_t type, uint8_t port, const uint8_t *payload,
                  size_t size);
/* Send what may be sent now, and again what is due. False after five tries. */
bool lc_link_run(struct lc_link *link, uint32_t now_us, lc_send *send, void *context);
/* Everything up to and with this sequence number has arrived. */
void lc_link_acknowledged(struct lc_link *link, uint8_t sequence, uint32_t now_us);
/* The other side misses this one: go back to it at once. */
void lc_link_missed(struct lc_link *link, uint8_t sequence, uint32_t now_us);
enum lc_arrival lc_link_accept(struct lc_link *link, uint8_t sequence);
/* What to acknowledge: the last in order. */
uint8_t lc_link_last(const struct lc_link *link);

#endif

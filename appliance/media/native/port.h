/* One UDP port of a stream, RTP or RTCP, as two sockets on the same local address.

   The line is connected to the far end: the kernel lets nobody else's packets in, and sending needs
   no route look-up. The door is not connected: it gets what everybody else sends, so that
   strangers fill their own small buffer, are counted, and can be learned from behind NAT. */
#ifndef DOZVON_PORT_H
#define DOZVON_PORT_H

#include "address.h"

#include <stddef.h>

enum port_state {
  PORT_SILENT,   /* no remote yet: nobody is heard, nothing is sent */
  PORT_FIXED,    /* the signalled address and no other */
  PORT_LEARNING, /* behind NAT, nothing valid came yet */
  PORT_LEARNED,  /* behind NAT, the first valid source that signalling speaks for */
};

struct port {
  struct address local, remote, signalled, signalled_from;
  uint64_t key;            /* names the door to epoll; key | 1 names the line */
  uint64_t window_ends_ns; /* until then a source that signalling speaks for may take over */
  int epoll, door, line;
  enum port_state state;
  unsigned doubtful; /* packets of a new line whose source is still compared */
};

/* What may fail returns 0 or -errno. epoll and key tell where the port's packets are to be
   announced. */
int port_open(struct port *port, const struct address *local, int epoll, uint64_t key);
void port_close(struct port *port);
/* Whether the kernel knows a way from here to there; nothing is sent, nothing changes. */
int port_find_way(const struct port *port, const struct address *remote);
/* Forgets the old far end. Many a call ends before anybody spoke, and most before the first report:
   the line is made with the first packet, which the door takes, or which is sent. */
void port_await_remote(struct port *port, const struct address *remote);
/* Makes the line of a far end that was awaited. */
void port_meet(struct port *port);
/* The same where the address may lie: the first valid source on its host, or on the host that
   signalling came from, counts; the address itself is better. Nobody else is ever learned. */
void port_begin_learning(struct port *port, const struct address *remote,
                         const struct address *signalled_from);
/* Nobody is heard and nothing is sent any more. */
void port_silence(struct port *port);
/* The first valid packet came from here. */
int port_learn(struct port *port, const struct address *source, uint64_t now_ns);

/* True when a packet that came through the door is from the far end after all: it was queued before
   the line was connected. */
bool port_is_from_remote(const struct port *port, const struct address *source);
/* True when this source may become the far end now. */
bool port_may_learn(const struct port *port, const struct address *source, uint64_t now_ns);

/* False when nothing was sent. */
bool port_send(struct port *port, const uint8_t *data, size_t size);

#endif

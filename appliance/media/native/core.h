/* The media core: streams of RTP, RTCP and UDPTL on one packet thread. No Python here.

   Every function may be called from any thread. They return 0 (or what they say) or -errno;
   -ENOENT: no such stream. One lock guards all; the packet thread holds it for one batch of packets
   at a time, so a stream is never closed under a packet's feet. */
#ifndef DOZVON_CORE_H
#define DOZVON_CORE_H

#include <stddef.h>
#include <stdint.h>

/* cffi reads from here */
struct core;

enum { CORE_KEY_PRESSED = 1, CORE_SOURCE_LOCKED = 2, CORE_PLAY_ENDED = 3 };

struct core_event {
  int kind, stream;
  int duration_ms; /* CORE_KEY_PRESSED */
  int port;        /* CORE_SOURCE_LOCKED */
  char digit;
  char host[46];
};

struct core_remote {
  const char *host, *signalled_from; /* signalled_from: host of the signalling, or "" */
  uint16_t port, rtcp_port; /* rtcp_port 0: no RTCP */
  int is_behind_nat;
};

struct core_statistics {
  uint64_t received, sent, strangers, malformed;
  int64_t lost;
  double jitter_ms, round_trip_ms, silent_s; /* jitter, round trip: negative = not measured */
  int payload_type;                          /* of the far end's last audio packet, -1 = none */
};

struct core *core_start(uint32_t capacity); /* at most 4096 streams; NULL and errno */
void core_stop(struct core *core);
int core_event_descriptor(struct core *core);
/* Is the packet thread alive? Ask it for one more round, and count the rounds that it made. Neither
   takes the lock, so neither waits for a thread that hangs. */
void core_poke(struct core *core);
uint64_t core_rounds(struct core *core);
int core_take_events(struct core *core, struct core_event *events, int room); /* how many */

int core_open(struct core *core, const char *host, uint16_t port); /* the stream's number */
int core_close(struct core *core, int stream);
int core_set_remote(struct core *core, int stream, const struct core_remote *remote);
int core_describe(struct core *core, int stream, int event_payload_type, uint32_t clock_rate_hz,
                  int is_opaque);
int core_connect(struct core *core, int stream, int other);
int core_disconnect(struct core *core, int stream);
int core_echo(struct core *core, int stream);
int core_play(struct core *core, int stream, const uint8_t *payload, size_t size,
              int payload_type, int repeats);
int core_stop_playing(struct core *core, int stream);
int core_read_statistics(struct core *core, int stream, struct core_statistics *statistics);
/* cffi reads up to here */

#endif

/* What core.c, relay.c, commands.c and line*.c share: the tables and the ring of events. */
#ifndef DOZVON_CORE_PRIVATE_H
#define DOZVON_CORE_PRIVATE_H

#include "core.h"
#include "keys.h"
#include "player.h"
#include "port.h"
#include "reception.h"
#include "recorder.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
  SLOT_BITS = 12,
  MAX_STREAMS = 1 << SLOT_BITS,
  MAX_LINES = 64,
  MAX_CARDS = 16,
  EVENT_RING = 1024,
  EVENTS_ONCE = 256, /* of them: kept for what comes once, whatever far ends and devices repeat */
  PACKET_ROOM = 2048,
  REPORTS_KEPT = 4,
  MESSAGES_KEPT = 64,
};

/* A sender report that passed towards a far end, so that its answer gives the round trip. */
struct passed_report {
  uint64_t passed_ns;
  uint32_t ntp_middle;
};

struct line;
struct sound_card;

struct stream {
  /* Touched by every packet. */
  struct port rtp;
  struct stream *peer;
  struct line *line; /* instead of a peer: its number has a table of its own */
  struct recorder *recorder; /* owned; NULL = nothing is recorded */
  uint64_t received, sent, heard_ns;
  int number; /* generation << SLOT_BITS | slot; -1 = free */
  int event_payload_type, audio_payload_type;
  bool is_opaque, echoes;
  struct reception reception;
  struct keys keys;
  /* Touched seldom. */
  struct port rtcp;
  struct player player;
  struct passed_report reports[REPORTS_KEPT];
  uint64_t strangers, malformed, opened_ns;
  int64_t round_trip_ns; /* -1 = not measured */
  unsigned next_report, generation;
};

/* What caller id said; apart from events, which are many and small. */
struct message {
  unsigned number;
  int length;
  uint8_t octets[DETECT_MESSAGE];
};

struct core {
  pthread_mutex_t gate, table; /* the gate keeps commands from starving behind the packet thread */
  pthread_t thread;
  struct stream *streams;
  struct line *lines[MAX_LINES];
  struct sound_card *cards[MAX_CARDS];
  unsigned line_generation;
  uint32_t capacity, highest; /* highest: slots ever used */
  uint64_t now_ns;            /* of this batch; valid under the lock */
  atomic_uint_fast64_t rounds; /* of the packet thread; read without the lock */
  int epoll, timer, wake, announce, card_timer; /* card_timer: -1 until there is a sound card */
  atomic_uint line_count;  /* open lines; read without the lock */
  uint64_t watched_ns;     /* when lines were looked at */
  bool is_ticking, is_stopping;
  int ring_at, ring_used;
  struct core_event ring[EVENT_RING];
  unsigned message_count; /* ever */
  struct message messages[MESSAGES_KEPT];
  uint8_t packet[PACKET_ROOM];
};

/* Keys by which epoll names what is not a port. A port's key: number << 2 | is_rtcp << 1 | is_line. */
#define KEY_TIMER (~(uint64_t)0)
#define KEY_WAKE (~(uint64_t)1)
#define KEY_CARDS (~(uint64_t)2)

void core_lock(struct core *core); /* also sets now_ns */
void core_unlock(struct core *core);
struct stream *core_find(struct core *core, int number);
struct core_event *core_push_event(struct core *core, int kind, int number);
/* Keeps a message; its number for core_read_message. */
unsigned core_keep_message(struct core *core, const uint8_t *octets, int length);
void core_want_ticks(struct core *core);
/* True when a stream of ours listens on this address: packets for it would go in a circle. */
bool core_owns(const struct core *core, const struct address *address);

/* relay.c */
void relay_line(struct core *core, struct stream *stream, bool is_rtcp);
void relay_door(struct core *core, struct stream *stream, bool is_rtcp);
void relay_tick(struct core *core, unsigned frames_due);

/* commands.c: ends what a stream was connected to, played, echoed. */
void stream_rest(struct stream *stream);

/* line_cards.c */
void cards_turn(struct core *core);

/* line_watch.c: tells of lines whose device gives nothing; under the lock, each round. */
void lines_watch(struct core *core);

/* line.c */
void line_ready(struct core *core, int number); /* its descriptor can be read */
void line_hear_rtp(struct core *core, struct stream *stream, const struct rtp_header *header,
                   const uint8_t *payload, size_t size);
void line_part(struct stream *stream); /* from its line */

#endif

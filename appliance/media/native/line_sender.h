/* A line's audio as RTP of our own: 20 ms of G.711 by our clock (the line's drift goes through a
   resampler), and RFC 4733 events in place of a key's sound. */
#ifndef DOZVON_LINE_SENDER_H
#define DOZVON_LINE_SENDER_H

#include "line_clock.h"
#include "line_resample.h"
#include "packet.h"

/* STEP: 5 ms, the longest that a sample of a device of whole units waits beyond its packet's 20 ms. */
enum { SENDER_FRAME = 160, SENDER_STEP = 40, SENDER_PACKET = 12 + SENDER_FRAME + SENDER_STEP };

/* What leaves; called from within sender_push. */
typedef void sender_outlet(void *context, const uint8_t *packet, size_t size);
/* Silences what belongs to a key; lag: samples that came after the last one of these. */
typedef void sender_mute(void *context, int16_t *samples, size_t count, size_t lag);

struct sender {
  int16_t frame[2 * SENDER_FRAME + 96];
  size_t filled;
  size_t unit; /* samples that the device gives at a time: packets leave in sender_settle; 0 = none */
  int payload_type, event_payload_type; /* event_payload_type -1: none */
  uint32_t ssrc, timestamp;
  uint16_t sequence_number;
  bool is_first; /* a talkspurt begins: marker */
  uint64_t began_ns; /* 0 = the line's clock is not followed yet */
  uint64_t made, pushed_ns; /* samples by our clock since began_ns */
  struct clock_loop clock;
  struct resampler resampler;
  int event; /* code that is being sent, -1 = none */
  int ends_left;
  uint32_t event_timestamp;
  uint16_t event_duration;
  sender_mute *mute; /* NULL = none; only where the far end knows events */
  void *mute_context;
};

void sender_init(struct sender *sender);
void sender_push(struct sender *sender, const int16_t *samples, size_t count, uint64_t now_ns,
                 sender_outlet *outlet, void *context);
/* After each unit: sends what is due. What would wait for the next unit longer than SENDER_STEP beyond its
   20 ms leaves now, so that a packet is longer or shorter than others (RFC 3551 §4.2: receivers take
   any length) as often as the clocks drift by 5 ms. */
void sender_settle(struct sender *sender, sender_outlet *outlet, void *context);
/* A key sounds from now on; false where the far end knows no events. */
bool sender_begin_key(struct sender *sender, char digit);
void sender_end_key(struct sender *sender, int duration_ms);
void sender_forget_key(struct sender *sender);

#endif

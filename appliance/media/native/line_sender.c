#include "line_sender.h"

#include "line_g711.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { RATE_HZ = 8000, END_PACKETS = 3, EVENT_VOLUME = 10, LONGEST_EVENT = 0xffff - SENDER_FRAME };
static const double FAR_OFF_S = 0.15;
static const char DIGITS[] = "0123456789*#ABCD";

void sender_init(struct sender *sender) {
  uint8_t seed[10] = {0};
  memset(sender, 0, sizeof *sender);
  if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed) write_u32(seed, (uint32_t)random());
  sender->ssrc = read_u32(seed);
  sender->timestamp = read_u32(seed + 4);
  sender->sequence_number = read_u16(seed + 8);
  sender->payload_type = 8;
  sender->event_payload_type = sender->event = -1;
  sender->is_first = true;
  resampler_init(&sender->resampler);
  clock_loop_init(&sender->clock);
}

static void begin_time(struct sender *sender, uint64_t now_ns) {
  sender->began_ns = now_ns;
  sender->made = 0;
  sender->clock.is_primed = false;
}

/* Where the line stood still, its time has passed all the same (RFC 3550 §5.1). */
static void skip_time(struct sender *sender, double behind_s, uint64_t now_ns) {
  if (behind_s > 0) sender->timestamp += (uint32_t)lrint(behind_s * RATE_HZ);
  sender->is_first = true;
  begin_time(sender, now_ns);
}

static void follow(struct sender *sender, uint64_t now_ns) {
  if (!sender->began_ns) begin_time(sender, now_ns);
  double passed_s = (double)(now_ns - sender->began_ns) / 1e9;
  double ahead_s = (double)sender->made / RATE_HZ - passed_s;
  double step_s = sender->pushed_ns ? (double)(now_ns - sender->pushed_ns) / 1e9 : 0;
  sender->pushed_ns = now_ns;
  if (fabs(ahead_s) > FAR_OFF_S) {
    skip_time(sender, -ahead_s, now_ns);
    return;
  }
  if (step_s > 0)
    resampler_set_rate(&sender->resampler, clock_loop_follow(&sender->clock, ahead_s, step_s));
}

static void head(struct sender *sender, uint8_t *packet, int payload_type, uint32_t timestamp) {
  packet[0] = 0x80;
  packet[1] = (uint8_t)(sender->is_first << 7 | (payload_type & 0x7f));
  write_u16(packet + 2, sender->sequence_number++);
  write_u32(packet + 4, timestamp);
  write_u32(packet + 8, sender->ssrc);
  sender->is_first = false;
}

/* RFC 4733 §2.5.1: each packet of an event has the time of its beginning. */
static void send_event(struct sender *sender, bool is_end, sender_outlet *outlet, void *context) {
  uint8_t packet[16];
  head(sender, packet, sender->event_payload_type, sender->event_timestamp);
  packet[12] = (uint8_t)sender->event;
  packet[13] = (uint8_t)(is_end << 7 | EVENT_VOLUME);
  write_u16(packet + 14, sender->event_duration);
  outlet(context, packet, sizeof packet);
}

static void go_on_with_event(struct sender *sender, sender_outlet *outlet, void *context) {
  if (!sender->ends_left) {
    if (sender->event_duration < LONGEST_EVENT) sender->event_duration += SENDER_FRAME;
    send_event(sender, false, outlet, context);
    return;
  }
  for (; sender->ends_left > 0; sender->ends_left--) send_event(sender, true, outlet, context);
  sender->event = -1;
  sender->is_first = true; /* a talkspurt follows */
}

static void send_audio(struct sender *sender, size_t count, sender_outlet *outlet, void *context) {
  uint8_t packet[SENDER_PACKET];
  size_t lag = sender->filled - count + RESAMPLE_TAPS / 2;
  if (sender->mute && sender->event_payload_type >= 0)
    sender->mute(sender->mute_context, sender->frame, count, lag);
  head(sender, packet, sender->payload_type, sender->timestamp);
  for (size_t i = 0; i < count; i++)
    packet[12 + i] = g711_encode(sender->payload_type, sender->frame[i]);
  outlet(context, packet, 12 + count);
}

static void forget_first(struct sender *sender, size_t count) {
  sender->timestamp += (uint32_t)count;
  sender->filled -= count;
  memmove(sender->frame, sender->frame + count, sender->filled * sizeof *sender->frame);
}

/* surplus: so many samples more in the same packet. */
static void send_frame(struct sender *sender, size_t surplus, sender_outlet *outlet,
                       void *context) {
  if (sender->event >= 0)
    go_on_with_event(sender, outlet, context);
  else
    send_audio(sender, SENDER_FRAME + surplus, outlet, context);
  forget_first(sender, SENDER_FRAME + surplus);
}

void sender_push(struct sender *sender, const int16_t *samples, size_t count, uint64_t now_ns,
                 sender_outlet *outlet, void *context) {
  follow(sender, now_ns);
  size_t made = resampler_push(&sender->resampler, samples, count, sender->frame + sender->filled);
  sender->filled += made;
  sender->made += made;
  size_t enough = sender->unit ? 2 * SENDER_FRAME : SENDER_FRAME;
  while (sender->filled >= enough) send_frame(sender, 0, outlet, context);
}

/* How many of `left` samples cannot wait for the next unit. */
static size_t surplus_of(const struct sender *sender, size_t left) {
  if (sender->event >= 0 || left + sender->unit <= SENDER_FRAME + SENDER_STEP) return 0;
  return left / SENDER_STEP * SENDER_STEP;
}

void sender_settle(struct sender *sender, sender_outlet *outlet, void *context) {
  while (sender->filled >= SENDER_FRAME) {
    size_t surplus = surplus_of(sender, sender->filled - SENDER_FRAME);
    send_frame(sender, surplus < SENDER_STEP ? surplus : SENDER_STEP, outlet, context);
  }
  size_t due = surplus_of(sender, sender->filled);
  if (due == 0) return;
  send_audio(sender, due, outlet, context);
  forget_first(sender, due);
}

bool sender_begin_key(struct sender *sender, char digit) {
  const char *at = strchr(DIGITS, digit);
  if (sender->event_payload_type < 0 || !digit || !at) return false;
  sender->event = (int)(at - DIGITS);
  sender->event_timestamp = sender->timestamp;
  sender->event_duration = 0;
  sender->ends_left = 0;
  sender->is_first = true; /* §2.5.1.1: the marker tells the beginning */
  return true;
}

void sender_end_key(struct sender *sender, int duration_ms) {
  if (sender->event < 0) return;
  sender->ends_left = END_PACKETS;
  int duration = duration_ms * (RATE_HZ / 1000);
  if (duration > sender->event_duration && duration <= LONGEST_EVENT)
    sender->event_duration = (uint16_t)duration;
}

void sender_forget_key(struct sender *sender) {
  sender->event = -1;
  sender->ends_left = 0;
}

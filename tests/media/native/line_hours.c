/* A line's voice for hours of virtual time: three clocks that differ, packets that come unevenly.

   usage: line_hours SECONDS DEVICE_PPM FAR_PPM JITTER_US BURST_BLOCKS lines|rtp UNIT
   UNIT: samples that the device gives at a time, where it has a unit (0 = it has none).
   The far end (RTP, or a second line whose device gives its blocks one by one) and the line each say
   a sine; what comes out on either side must go on without a sample lost or repeated. Prints what was
   counted as JSON. Time is made here; nothing sleeps. */
#include "line_g711.h"
#include "line_voice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAIL = 8000 }; /* the first second is not judged: the far end begins to speak in it */
static const double HZ = 400.0, AMPLITUDE = 8000.0, BREAK = 1200.0;

/* Finds breaks in a sine: y[n] = 2 cos(w) y[n-1] - y[n-2] but for the rounding of A-law. */
struct judge {
  double before, earlier, worst;
  uint64_t samples, breaks;
};

static void judge(struct judge *judge, int16_t sample) {
  double expected = 2 * cos(2 * M_PI * HZ / 8000) * judge->before - judge->earlier;
  double off = fabs(sample - expected);
  if (++judge->samples > TAIL) {
    if (off > judge->worst) judge->worst = off;
    if (off > BREAK) judge->breaks++;
  }
  judge->earlier = judge->before;
  judge->before = sample;
}

struct far_end {
  struct judge judge;
  uint64_t packets, first_ns, now_ns;
  uint32_t first_timestamp, timestamp;
  double earliest_s, latest_s; /* of a packet against its timestamp, after the first minute */
};

static void hear(void *context, const uint8_t *packet, size_t size) {
  struct far_end *end = context;
  end->timestamp = read_u32(packet + 4);
  if (end->packets++ == 0) {
    end->first_ns = end->now_ns;
    end->first_timestamp = end->timestamp;
  }
  for (size_t i = 12; i < size; i++) judge(&end->judge, alaw_decode(packet[i]));
  double due_s = (uint32_t)(end->timestamp - end->first_timestamp) / 8000.0;
  double off_s = (double)(end->now_ns - end->first_ns) / 1e9 - due_s;
  if (due_s < 60) return;
  if (off_s < end->earliest_s) end->earliest_s = off_s;
  if (off_s > end->latest_s) end->latest_s = off_s;
}

static void tell(void *context, enum voice_news news) { (void)context, (void)news; }

static void detected(void *context, const struct detection *found) { (void)context, (void)found; }

static int16_t sine_at(uint64_t sample) {
  return (int16_t)lrint(AMPLITUDE * sin(2 * M_PI * HZ / 8000 * (double)(sample % 8000)));
}

struct source {
  uint64_t said; /* samples */
  double ppm;
  int jitter_us;
  unsigned seed;
};

/* When the samples said so far are over by this source's clock. */
static uint64_t due_ns(const struct source *source) {
  return 5000000u + (uint64_t)((double)source->said / 8000 / (1 + source->ppm * 1e-6) * 1e9);
}

static void give_block(struct voice *voice, struct source *source, struct judge *out,
                       uint64_t now_ns) {
  int16_t in[VOICE_BLOCK], said[VOICE_BLOCK];
  for (int i = 0; i < VOICE_BLOCK; i++) in[i] = sine_at(source->said++);
  voice_block(voice, in, said, now_ns);
  for (int i = 0; i < VOICE_BLOCK; i++) judge(out, said[i]);
}

static void give_packet(struct voice *voice, struct source *source, uint64_t now_ns) {
  uint8_t payload[160];
  struct rtp_header header = {(uint32_t)source->said, 7, 0, 8, false};
  for (int i = 0; i < 160; i++) payload[i] = alaw_encode(sine_at(source->said++));
  voice_hear_rtp(voice, &header, payload, sizeof payload, -1, now_ns);
}

static uint64_t late_ns(struct source *source) {
  return source->jitter_us ? (uint64_t)(rand_r(&source->seed) % source->jitter_us) * 1000 : 0;
}

static void report(const struct voice *voice, const struct judge *line, const struct far_end *end,
                   uint64_t far_breaks) {
  printf("{\"breaks_to_line\": %lu, \"breaks_from_line\": %lu, \"worst\": %.0f, ",
         (unsigned long)line->breaks, (unsigned long)far_breaks, line->worst);
  printf("\"slips\": %lu, \"concealed\": %lu, \"late\": %lu, \"delay_ms\": %.2f, ",
         (unsigned long)voice->jitter.slips, (unsigned long)voice->jitter.concealed,
         (unsigned long)voice->jitter.late, 1000 * jitter_delay_s(&voice->jitter));
  printf("\"samples\": %lu, \"packets\": %lu, \"spread_ms\": %.2f, \"device_ppm\": %.1f, \"far_ppm\": %.1f}\n",
         (unsigned long)end->judge.samples, (unsigned long)end->packets, 1000 * (end->latest_s - end->earliest_s),
         1e6 * voice->sender.clock.drift, 1e6 * voice->jitter.clock.drift);
}

int main(int count, char **arguments) {
  static struct far_end end, other_end;
  static struct voice voice, other;
  static struct judge to_line, to_other;
  if (count != 8) return 2;
  size_t unit = (size_t)atoi(arguments[7]);
  uint64_t until_ns = (uint64_t)atol(arguments[1]) * 1000000000u;
  struct source device = {0, atof(arguments[2]), 0, 1};
  struct source far = {0, atof(arguments[3]), atoi(arguments[4]), 2};
  int burst = atoi(arguments[5]);
  bool is_rtp = !strcmp(arguments[6], "rtp");
  if (voice_init(&voice, (struct voice_outlet){&end, hear, tell, detected}) ||
      voice_init(&other, (struct voice_outlet){&other_end, hear, tell, detected}))
    return 2;
  voice.sender.unit = unit;
  if (!is_rtp) voice_join(&voice, &other);
  uint64_t delay_ns = 0, last_ns = 0;
  for (uint64_t now_ns = 0; now_ns < until_ns;) {
    uint64_t device_ns = due_ns(&device) + (uint64_t)burst * 10000000u, far_ns = due_ns(&far) + delay_ns;
    if (far_ns < last_ns) far_ns = last_ns; /* packets keep their order */
    if (device_ns <= far_ns) {
      now_ns = end.now_ns = device_ns;
      for (int i = 0; i < burst; i++) give_block(&voice, &device, &to_line, now_ns);
      if (unit) voice_settle(&voice);
    } else {
      now_ns = other_end.now_ns = last_ns = far_ns;
      if (is_rtp)
        give_packet(&voice, &far, now_ns);
      else
        give_block(&other, &far, &to_other, now_ns);
      delay_ns = late_ns(&far);
    }
  }
  report(&voice, &to_line, &end, is_rtp ? end.judge.breaks : to_other.breaks);
  voice_free(&voice);
  voice_free(&other);
  return 0;
}

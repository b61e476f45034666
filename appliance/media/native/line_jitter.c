#include "line_jitter.h"

#include <math.h>
#include <string.h>

enum { RATE_HZ = 8000, LATE_STEP = 16, LATE_ENOUGH = 24, EARLY_PACKETS = 16 };
static const double MARGIN_S = 0.003, LEAST_S = 0.004, MOST_S = 0.12, DEVIATIONS = 3.0;
static const double FAR_OFF_S = 0.15, TOO_MUCH_S = 0.06, FIRST_DEVIATION_S = 0.001;
static const uint64_t SECOND_NS = 1000000000u, STALL_NS = 100000000u;

void jitter_init(struct jitter *jitter) {
  memset(jitter, 0, sizeof *jitter);
  resampler_init(&jitter->resampler);
  clock_loop_init(&jitter->clock);
}

void jitter_reset(struct jitter *jitter) {
  memset(jitter->is_there, 0, sizeof jitter->is_there);
  memset(&jitter->concealer, 0, sizeof jitter->concealer);
  resampler_init(&jitter->resampler);
  clock_loop_init(&jitter->clock);
  jitter->is_running = false;
  jitter->late_score = 0;
}

static double target_s(const struct jitter *jitter) {
  double wanted = MARGIN_S + DEVIATIONS * jitter->deviation_s;
  return fmin(MOST_S, fmax(LEAST_S, wanted));
}

/* Samples taken since the last take, as if they were taken one by one. */
static double under_way(const struct jitter *jitter, uint64_t now_ns) {
  uint64_t since_ns = now_ns > jitter->taken_ns ? now_ns - jitter->taken_ns : 0;
  return since_ns > STALL_NS ? 0 : (double)since_ns / 1e9 * RATE_HZ;
}

/* How long before its turn a packet came; negative = too late. */
static double slack_of(const struct jitter *jitter, uint32_t timestamp, uint64_t now_ns) {
  double ahead = (double)(int32_t)(timestamp - jitter->next);
  return (ahead - under_way(jitter, now_ns)) / RATE_HZ;
}

/* What is left out is forgotten: its place has another turn a second later. */
static void move(struct jitter *jitter, double later_s) {
  int32_t by = (int32_t)lrint(later_s * RATE_HZ);
  for (int32_t i = 0; i < -by; i++) jitter->is_there[(jitter->next + (uint32_t)i) % JITTER_ROOM] = 0;
  jitter->next -= (uint32_t)by;
  jitter->slack_s += (double)by / RATE_HZ;
}

/* The packet's turn comes when what the arrivals need has passed. */
static void anchor(struct jitter *jitter, uint32_t timestamp, uint64_t now_ns) {
  memset(jitter->is_there, 0, sizeof jitter->is_there);
  if (!jitter->is_running) jitter->deviation_s = FIRST_DEVIATION_S;
  jitter->is_running = true;
  jitter->slack_s = target_s(jitter);
  double before = jitter->slack_s * RATE_HZ + under_way(jitter, now_ns);
  jitter->next = timestamp - (uint32_t)lrint(before);
  jitter->observed = 0;
  jitter->late_score = 0;
  jitter->has_spoken = false;
  jitter->observed_ns = now_ns;
  jitter->clock.is_primed = false;
}

static void observe(struct jitter *jitter, double slack_s, uint64_t now_ns) {
  double step_s = (double)(now_ns - jitter->observed_ns) / 1e9;
  jitter->observed_ns = now_ns;
  /* The first packets say where the middle is, whatever came first. */
  double share = jitter->observed < EARLY_PACKETS ? 1.0 / (1 + ++jitter->observed) : 1.0 / 16;
  double off = slack_s - jitter->slack_s;
  jitter->slack_s += share * off;
  jitter->deviation_s += (fabs(off) - jitter->deviation_s) / 16;
  double error_s = jitter->slack_s - target_s(jitter);
  resampler_set_rate(&jitter->resampler, clock_loop_follow(&jitter->clock, error_s, step_s));
  if (error_s < TOO_MUCH_S) return;
  move(jitter, -error_s);
  jitter->slips++;
}

/* Packets that come too late again and again: wait longer from now on. */
static void note_late(struct jitter *jitter, double slack_s) {
  jitter->late++;
  jitter->late_score += LATE_STEP;
  if (jitter->late_score < LATE_ENOUGH) return;
  jitter->late_score = 0;
  jitter->deviation_s += -slack_s / (2 * DEVIATIONS);
  move(jitter, MARGIN_S - slack_s);
  jitter->slips++;
}

static void store(struct jitter *jitter, uint32_t timestamp, const int16_t *samples, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t at = timestamp + (uint32_t)i;
    if ((uint32_t)(at - jitter->next) >= JITTER_ROOM) continue; /* its turn is over, or too far */
    jitter->samples[at % JITTER_ROOM] = samples[i];
    jitter->is_there[at % JITTER_ROOM] = 1;
  }
}

void jitter_put(struct jitter *jitter, uint32_t timestamp, const int16_t *samples, size_t count,
                uint64_t now_ns) {
  double slack_s = slack_of(jitter, timestamp, now_ns);
  bool is_lasting = now_ns - jitter->heard_ns < SECOND_NS;
  if (!jitter->is_running || fabs(slack_s - jitter->slack_s) > FAR_OFF_S) {
    if (jitter->is_running && is_lasting) jitter->slips++;
    anchor(jitter, timestamp, now_ns);
  } else if (now_ns != jitter->observed_ns) { /* of a glued row the first one counts */
    if (jitter->late_score) jitter->late_score--;
    if ((int32_t)(timestamp + (uint32_t)count - jitter->next) <= 0) note_late(jitter, slack_s);
    observe(jitter, slack_s, now_ns);
  }
  jitter->heard_ns = now_ns;
  store(jitter, timestamp, samples, count);
}

/* Length of the row of samples that are all there, or all missing. */
static size_t row_length(const struct jitter *jitter, size_t most) {
  size_t length = 1;
  uint8_t first = jitter->is_there[jitter->next % JITTER_ROOM];
  while (length < most && jitter->is_there[(jitter->next + length) % JITTER_ROOM] == first) length++;
  return length;
}

static void take_row(struct jitter *jitter, int16_t *out, size_t length) {
  for (size_t i = 0; i < length; i++) {
    size_t at = (jitter->next + i) % JITTER_ROOM;
    out[i] = jitter->samples[at];
    jitter->is_there[at] = 0;
  }
  conceal_hear(&jitter->concealer, out, length);
  jitter->has_spoken = true;
}

static void pull(struct jitter *jitter, int16_t *out, size_t count, bool is_lasting) {
  while (count > 0) {
    size_t length = row_length(jitter, count);
    if (jitter->is_there[jitter->next % JITTER_ROOM]) {
      take_row(jitter, out, length);
    } else {
      conceal_fill(&jitter->concealer, out, length);
      if (is_lasting && jitter->has_spoken) jitter->concealed += length;
    }
    jitter->next += (uint32_t)length;
    out += length;
    count -= length;
  }
}

void jitter_take(struct jitter *jitter, int16_t *samples, size_t count, uint64_t now_ns) {
  int16_t raw[JITTER_TAKE + 4];
  if (now_ns - jitter->taken_ns > STALL_NS) jitter->is_running = false; /* what waits is old */
  if (!jitter->is_running || count > JITTER_TAKE) {
    memset(samples, 0, count * sizeof *samples);
  } else {
    size_t need = resampler_need(&jitter->resampler, count);
    pull(jitter, raw, need, now_ns - jitter->heard_ns < SECOND_NS);
    resampler_pull(&jitter->resampler, raw, samples, count);
  }
  jitter->taken_ns = now_ns;
}

double jitter_delay_s(const struct jitter *jitter) {
  return jitter->is_running ? jitter->slack_s : 0.0;
}

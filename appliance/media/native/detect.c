/* The detectors of one line: cuts what it is fed into steps, gives it to the parts that listen, and
   keeps what they found until it is taken. */
#include "detect_parts.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { FSK_METHODS = 2 };
static const float SILENT_DBM0 = -45.0f;

struct detectors {
  struct results results;
  struct spectrum spectrum;
  struct tones tones;
  struct aon_hearing aon;
  struct cadence cadence;
  struct key_hearing keys;
  struct fsk_hearing fsk[FSK_METHODS];
  uint64_t fsk_told_at;
  int silence_ms, silent_steps;
  bool has_spectrum;
  unsigned filled;
  float step[STEP];
};

struct detection *detect_push(struct results *results, int kind) {
  if (results->used == RESULTS) {
    results->first = (results->first + 1) % RESULTS;
    results->used--;
  }
  struct detection *found = &results->ring[(results->first + results->used++) % RESULTS];
  memset(found, 0, sizeof *found);
  found->kind = kind;
  found->at = results->fed;
  return found;
}

int detectors_take(struct detectors *detectors, struct detection *detection) {
  struct results *results = &detectors->results;
  if (!results->used) return 0;
  *detection = results->ring[results->first];
  results->first = (results->first + 1) % RESULTS;
  results->used--;
  return 1;
}

struct detectors *detectors_new(void) {
  struct detectors *detectors = calloc(1, sizeof *detectors);
  struct detect_config nothing = {0};
  if (detectors && detectors_configure(detectors, &nothing)) {
    detectors_free(detectors);
    return NULL;
  }
  return detectors;
}

void detectors_free(struct detectors *detectors) {
  if (!detectors) return;
  for (int i = 0; i < FSK_METHODS; i++) fsk_hearing_free(&detectors->fsk[i]);
  free(detectors);
}

static int configure_fsk(struct detectors *detectors, unsigned methods) {
  static const int METHODS[FSK_METHODS] = {CALLER_ID_V23, CALLER_ID_BELL202};
  detectors->fsk_told_at = 0;
  for (int i = 0; i < FSK_METHODS; i++) {
    fsk_hearing_free(&detectors->fsk[i]);
    if (!(methods & (unsigned)METHODS[i])) continue;
    int error = fsk_hearing_begin(&detectors->fsk[i], METHODS[i], &detectors->results,
                                  &detectors->fsk_told_at);
    if (error) return error;
  }
  return 0;
}

int detectors_configure(struct detectors *detectors, const struct detect_config *config) {
  static const struct detect_config nothing;
  bool hears_aon = (config->caller_id & CALLER_ID_AON) != 0;
  spectrum_reset(&detectors->spectrum);
  int error = tones_configure(&detectors->tones, &detectors->spectrum, config);
  if (!error && aon_configure(&detectors->aon, &detectors->spectrum, hears_aon)) error = -EINVAL;
  bool finds_cadence = config->finds_cadence != 0;
  if (!error) error = cadence_configure(&detectors->cadence, &detectors->spectrum, finds_cadence);
  if (!error) error = configure_fsk(detectors, config->caller_id);
  key_hearing_configure(&detectors->keys, error ? &nothing : config, &detectors->results);
  if (error) detectors->tones.count = 0;
  detectors->silence_ms = config->silence_ms;
  detectors->silent_steps = 0;
  detectors->has_spectrum = config->watch_count || hears_aon || config->silence_ms || finds_cadence;
  return error;
}

static void listen_for_silence(struct detectors *detectors) {
  if (power_dbm0(detectors->spectrum.step_power) > SILENT_DBM0) {
    detectors->silent_steps = 0;
    return;
  }
  int wanted = detectors->silence_ms / STEP_MS;
  if (detectors->silent_steps > wanted || ++detectors->silent_steps != wanted) return;
  detect_push(&detectors->results, DETECTED_SILENCE)->on_ms = detectors->silence_ms;
}

static void take_step(struct detectors *detectors) {
  spectrum_step(&detectors->spectrum, detectors->step);
  tones_step(&detectors->tones, &detectors->spectrum, &detectors->results);
  aon_step(&detectors->aon, &detectors->spectrum, &detectors->results);
  cadence_step(&detectors->cadence, &detectors->spectrum, &detectors->results);
  if (detectors->silence_ms) listen_for_silence(detectors);
}

/* At most up to the end of this step, so that every part is at the same place when it tells. */
static size_t feed_part(struct detectors *detectors, const int16_t *samples, size_t count) {
  size_t part = STEP - detectors->filled;
  if (part > count) part = count;
  for (size_t i = 0; i < part; i++)
    detectors->step[detectors->filled + i] = (float)samples[i];
  detectors->filled += (unsigned)part;
  detectors->results.fed += part;
  key_hearing_feed(&detectors->keys, samples, part, &detectors->results);
  for (int i = 0; i < FSK_METHODS; i++) fsk_hearing_feed(&detectors->fsk[i], samples, part);
  if (detectors->filled == STEP) {
    detectors->filled = 0;
    if (detectors->has_spectrum) take_step(detectors);
  }
  return part;
}

void detectors_feed(struct detectors *detectors, const int16_t *samples, size_t count) {
  while (count) {
    size_t part = feed_part(detectors, samples, count);
    samples += part;
    count -= part;
  }
}

void detectors_mute(const struct detectors *detectors, int16_t *samples, size_t count,
                    size_t lag) {
  const struct key_hearing *keys = &detectors->keys;
  uint64_t passed = lag + count;
  if (!keys->hears || keys->at < passed) return;
  uint64_t first = keys->at - passed;
  for (size_t i = 0; i < count; i++)
    if (first + i >= keys->mute_from && first + i < keys->mute_until) samples[i] = 0;
}

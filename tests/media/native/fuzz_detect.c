/* libFuzzer harness of the signal code: wild settings, wild samples in blocks of wild sizes, wild
   signals to make. Whatever is found must be well formed; what is made must fill its block. */
#include "detect.h"
#include "generate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct input {
  const uint8_t *data;
  size_t size;
};

static unsigned take(struct input *input, unsigned sides) {
  if (!input->size) return 0;
  input->size--;
  return *input->data++ % sides;
}

static float take_hz(struct input *input) {
  static const float ODD[] = {0, -1, 4000, 1e30f, 425, 440, 950, 2100};
  unsigned which = take(input, 16);
  return which < 8 ? ODD[which] : (float)(take(input, 256) * 16);
}

static void take_watch(struct input *input, struct tone_watch *watch) {
  watch->id = (int)take(input, 4);
  watch->hz_count = (int)take(input, DETECT_HZ + 2);
  watch->pattern_count = (int)take(input, DETECT_PATTERN + 2);
  watch->cycles = (int)take(input, 5);
  watch->least_ms = (int)take(input, 4) * 50;
  watch->is_in_turn = (int)take(input, 2);
  watch->tolerance_hz = take(input, 2) ? 25.0f : take_hz(input);
  for (int i = 0; i < DETECT_HZ; i++) watch->hz[i] = take_hz(input);
  for (int i = 0; i < DETECT_PATTERN; i++) watch->pattern_ms[i] = (int)take(input, 64) * 5;
}

static void configure(struct detectors *detectors, struct input *input) {
  struct detect_config config = {0};
  config.hears_keys = (int)take(input, 2);
  config.caller_id = take(input, 32);
  config.silence_ms = (int)take(input, 3) * 40;
  config.watch_count = (int)take(input, DETECT_WATCHES + 2);
  for (int i = 0; i < config.watch_count && i < DETECT_WATCHES; i++)
    take_watch(input, &config.watches[i]);
  detectors_configure(detectors, &config);
}

static void check(const struct detection *found) {
  if (found->kind < DETECTED_KEY_BEGAN || found->kind > DETECTED_SILENCE) abort();
  if (found->length < 0 || found->length > DETECT_MESSAGE) abort();
  if (found->on_ms < 0) abort();
  bool is_key = found->kind == DETECTED_KEY || found->kind == DETECTED_KEY_BEGAN;
  if (is_key && !strchr("0123456789*#ABCD", found->digit)) abort();
  if (is_key && !found->digit) abort();
}

static void feed(struct detectors *detectors, struct input *input) {
  struct detection found;
  size_t count = take(input, 255) + 1u;
  if (count > input->size / 2) count = input->size / 2;
  int16_t *samples = malloc(count ? count * sizeof *samples : 1); /* its own block */
  memcpy(samples, input->data, count * sizeof *samples);
  input->data += count * 2;
  input->size -= count * 2;
  for (int times = 0; times < 8; times++) detectors_feed(detectors, samples, count);
  detectors_mute(detectors, samples, count, take(input, 255) * 2);
  while (detectors_take(detectors, &found)) check(&found);
  free(samples);
}

static void begin_signal(struct generator *generator, struct input *input) {
  static const char *const TEXTS[] = {"", "123*0#ABCD,", "S123R5", "x", "12\xff"};
  struct tone_step steps[GENERATE_STEPS] = {0};
  struct caller_id_signal signal = {take(input, 4), (int)take(input, 40) - 1,
                                    (int)take(input, 40) - 1, -13.0f};
  const char *text = TEXTS[take(input, 5)];
  float level = (float)take(input, 120) - 100;
  switch (take(input, 5)) {
  case 0: generate_keys(generator, text, (int)take(input, 99), (int)take(input, 99), level); break;
  case 1:
    for (int i = 0; i < GENERATE_STEPS; i++) {
      steps[i].hz_count = (int)take(input, GENERATE_HZ + 2);
      steps[i].duration_ms = (int)take(input, 9);
      for (int k = 0; k < GENERATE_HZ; k++) steps[i].hz[k] = take_hz(input);
    }
    generate_tone(generator, steps, (int)take(input, GENERATE_STEPS + 2), take(input, 2), level);
    break;
  case 2: generate_caller_id(generator, input->data, input->size, &signal); break;
  case 3: generate_aon(generator, text, level); break;
  default: generate_nothing(generator);
  }
}

static void make(struct generator *generator, struct detectors *detectors, struct input *input) {
  begin_signal(generator, input);
  for (int i = 0; i < 4; i++) {
    size_t count = take(input, 200) + 1u;
    int16_t *samples = malloc(count * sizeof *samples);
    if (generator_fill(generator, samples, count) > count) abort();
    detectors_feed(detectors, samples, count);
    free(samples);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input input = {data, size};
  struct detectors *detectors = detectors_new();
  struct generator *generator = generator_new();
  configure(detectors, &input);
  while (input.size > 1) {
    switch (take(&input, 8)) {
    case 0: configure(detectors, &input); break;
    case 1: make(generator, detectors, &input); break;
    default: feed(detectors, &input);
    }
  }
  detectors_free(detectors);
  generator_free(generator);
  return 0;
}

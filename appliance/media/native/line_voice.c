#include "line_voice.h"

#include "line_g711.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { METER_PART_BLOCKS = 13, MOST_SAMPLES = 1440 /* 180 ms in one packet */, PCMU = 0, PCMA = 8 };
/* A sine that just fills A-law (its virtual decision value 4096) has +3.14 dBm0. */
static const double FULL_SCALE_DBM0 = 3.14, FULL_SINE = 32768.0, LOUD = 80.0 * 80.0; /* -46 dBm0 */

static void mute(void *context, int16_t *samples, size_t count, size_t lag) {
  struct voice *voice = context;
  if (voice->listens) detectors_mute(voice->detectors, samples, count, lag);
}

int voice_init(struct voice *voice, struct voice_outlet outlet) {
  memset(voice, 0, sizeof *voice);
  voice->outlet = outlet;
  voice->receive_gain = voice->transmit_gain = 1.0f;
  voice->echo_delay_ms = -1;
  sender_init(&voice->sender);
  voice->sender.mute = mute;
  voice->sender.mute_context = voice;
  voice->detectors = detectors_new();
  jitter_init(&voice->jitter);
  return voice->detectors ? line_keys_init(&voice->keys) : -ENOMEM;
}

void voice_free(struct voice *voice) {
  voice_part(voice);
  voice_stop_playing(voice);
  line_keys_free(&voice->keys);
  if (voice->detectors) detectors_free(voice->detectors);
  echo_free(&voice->echo);
  free(voice->recorder);
}

/* ---- levels */

/* About the mean: a device's silence need not be zero, and a steady voltage is no sound. */
static double mean_square(const int16_t *samples) {
  double sum = 0, energy = 0;
  for (int i = 0; i < VOICE_BLOCK; i++) {
    sum += samples[i];
    energy += (double)samples[i] * samples[i];
  }
  double mean = sum / VOICE_BLOCK;
  return energy / VOICE_BLOCK - mean * mean;
}

static void meter_add(struct meter *meter, double square) {
  meter->sum += square;
  if (++meter->blocks < METER_PART_BLOCKS) return;
  meter->parts[meter->at++ % 8] = meter->sum / METER_PART_BLOCKS;
  meter->sum = 0;
  meter->blocks = 0;
}

double meter_dbm0(const struct meter *meter) {
  unsigned count = meter->at < 8 ? meter->at : 8;
  double sum = 0;
  for (unsigned i = 0; i < count; i++) sum += meter->parts[i];
  if (count == 0 || sum / count < 1e-3) return -99.0;
  return 10 * log10(sum / count / (FULL_SINE * FULL_SINE / 2)) + FULL_SCALE_DBM0;
}

static void amplify(int16_t *samples, float gain) {
  if (gain == 1.0f) return;
  for (int i = 0; i < VOICE_BLOCK; i++) {
    float value = gain * samples[i];
    samples[i] = (int16_t)lrintf(value > 32767.f ? 32767.f : value < -32768.f ? -32768.f : value);
  }
}

/* ---- towards the line */

int voice_play(struct voice *voice, const uint8_t *payload, size_t size, int payload_type,
               bool repeats) {
  if (size == 0) return -EINVAL;
  uint8_t *copy = malloc(size);
  if (!copy) return -ENOMEM;
  memcpy(copy, payload, size);
  voice_stop_playing(voice);
  voice->payload = copy;
  voice->size = size;
  voice->at = 0;
  voice->payload_type = payload_type;
  voice->repeats = repeats;
  return 0;
}

void voice_stop_playing(struct voice *voice) {
  free(voice->payload);
  voice->payload = NULL;
}

static void play_block(struct voice *voice, int16_t out[VOICE_BLOCK]) {
  int filled = 0;
  while (filled < VOICE_BLOCK && voice->at < voice->size) {
    out[filled++] = g711_decode(voice->payload_type, voice->payload[voice->at++]);
    if (voice->repeats && voice->at == voice->size) voice->at = 0;
  }
  memset(out + filled, 0, (size_t)(VOICE_BLOCK - filled) * sizeof *out);
  if (voice->at < voice->size) return;
  voice_stop_playing(voice);
  voice->outlet.tell(voice->outlet.context, VOICE_PLAY_ENDED);
}

/* The other side's time passes while something else sounds. True for the tone of a key. */
static bool speak(struct voice *voice, int16_t out[VOICE_BLOCK], uint64_t now_ns) {
  jitter_take(&voice->jitter, out, VOICE_BLOCK, now_ns);
  enum line_keys_state keys = line_keys_fill(&voice->keys, out, VOICE_BLOCK, now_ns);
  if (keys == KEYS_OVER) voice->outlet.tell(voice->outlet.context, VOICE_KEYS_SENT);
  if (keys == KEYS_NONE && voice->payload)
    play_block(voice, out);
  else if (keys == KEYS_NONE && voice->echoes)
    memcpy(out, voice->heard, sizeof voice->heard);
  amplify(out, voice->transmit_gain);
  meter_add(&voice->out, mean_square(out));
  return keys != KEYS_NONE;
}

void voice_hear_rtp(struct voice *voice, const struct rtp_header *header, const uint8_t *payload,
                    size_t size, int event_payload_type, uint64_t now_ns) {
  int16_t samples[MOST_SAMPLES];
  struct telephone_event event;
  if (header->payload_type == event_payload_type) {
    if (telephone_event_parse(payload, size, &event))
      line_keys_hear(&voice->keys, header, &event, now_ns);
    return;
  }
  bool is_audio = header->payload_type == PCMU || header->payload_type == PCMA;
  if (!is_audio || size == 0 || size > MOST_SAMPLES || voice->peer) return;
  if (voice->has_source && voice->source != header->ssrc) jitter_reset(&voice->jitter);
  voice->has_source = true;
  voice->source = header->ssrc;
  for (size_t i = 0; i < size; i++) samples[i] = g711_decode(header->payload_type, payload[i]);
  jitter_put(&voice->jitter, header->timestamp, samples, size, now_ns);
}

/* ---- from the line */

static void listen(struct voice *voice, const int16_t in[VOICE_BLOCK], uint64_t now_ns) {
  double square = mean_square(in);
  meter_add(&voice->in, square);
  if (!voice->began_ns) voice->began_ns = voice->loud_ns = now_ns;
  if (square > LOUD) voice->loud_ns = now_ns;
  memcpy(voice->heard, in, sizeof voice->heard);
}

/* A hybrid gives back what is said to it: our own key is nobody's on the line. */
static bool is_echo(struct voice *voice, const struct detection *found) {
  if (found->kind == DETECTED_KEY_BEGAN)
    voice->hears_echo = line_keys_is_echo(&voice->keys, found->digit);
  return voice->hears_echo && (found->kind == DETECTED_KEY_BEGAN || found->kind == DETECTED_KEY);
}

static void hear(struct voice *voice, const struct detection *found) {
  if (found->kind == DETECTED_KEY_BEGAN) sender_begin_key(&voice->sender, found->digit);
  if (found->kind == DETECTED_KEY) sender_end_key(&voice->sender, found->on_ms);
  voice->outlet.hear(voice->outlet.context, found);
}

static void take_found(struct voice *voice) {
  struct detection found;
  while (detectors_take(voice->detectors, &found))
    if (!is_echo(voice, &found)) hear(voice, &found);
}

static void detect(struct voice *voice) {
  if (!voice->listens) return;
  detectors_feed(voice->detectors, voice->heard, VOICE_BLOCK);
  take_found(voice);
}

int voice_listen(struct voice *voice, const struct detect_config *config) {
  int error = detectors_configure(voice->detectors, config);
  voice->listens = !error && (config->hears_keys || config->caller_id || config->silence_ms ||
                              config->watch_count || config->finds_cadence);
  take_found(voice); /* a key may be over by that: its event must not go on for ever */
  return error;
}

int voice_cancel_echo(struct voice *voice, double delay_ms) {
  echo_free(&voice->echo);
  voice->echo_delay_ms = delay_ms;
  voice->is_data = false;
  return delay_ms < 0 ? 0 : echo_init(&voice->echo, (int)lrint(8 * fmin(delay_ms, 400)));
}

/* Either end may be the one that answers. */
static void listen_for_answer_tone(struct voice *voice, const int16_t in[VOICE_BLOCK],
                                   const int16_t out[VOICE_BLOCK]) {
  if (voice->is_data) return;
  bool is_heard = answer_tone_hear(&voice->answers[0], in);
  bool is_said = answer_tone_hear(&voice->answers[1], out);
  if (!is_heard && !is_said) return;
  voice->is_data = true;
  echo_free(&voice->echo);
  voice->outlet.tell(voice->outlet.context, VOICE_ANSWER_TONE);
}

/* Whoever comes next may want to talk. */
static void forget_data(struct voice *voice) {
  memset(voice->answers, 0, sizeof voice->answers);
  if (voice->is_data) voice_cancel_echo(voice, voice->echo_delay_ms);
}

static void deliver(struct voice *voice, uint64_t now_ns) {
  int16_t block[VOICE_BLOCK];
  memcpy(block, voice->heard, sizeof block);
  amplify(block, voice->receive_gain);
  if (voice->recorder) recorder_hear(voice->recorder, block, VOICE_BLOCK);
  if (voice->peer)
    jitter_put(&voice->peer->jitter, voice->timestamp, block, VOICE_BLOCK, now_ns);
  voice->timestamp += VOICE_BLOCK;
  sender_push(&voice->sender, block, VOICE_BLOCK, now_ns, voice->outlet.send,
              voice->outlet.context);
}

bool voice_block(struct voice *voice, const int16_t in[VOICE_BLOCK], int16_t out[VOICE_BLOCK],
                 uint64_t now_ns) {
  bool is_tone = speak(voice, out, now_ns);
  listen(voice, in, now_ns);
  listen_for_answer_tone(voice, in, out);
  echo_process(&voice->echo, voice->heard, out, is_tone);
  detect(voice);
  deliver(voice, now_ns);
  return is_tone;
}

void voice_settle(struct voice *voice) {
  sender_settle(&voice->sender, voice->outlet.send, voice->outlet.context);
}

/* ---- who is on the other side */

void voice_join(struct voice *voice, struct voice *other) {
  voice_part(voice);
  voice_part(other);
  voice->peer = other;
  other->peer = voice;
}

void voice_part(struct voice *voice) {
  struct voice *peer = voice->peer;
  voice->peer = NULL;
  voice->echoes = voice->has_source = false;
  line_keys_part(&voice->keys);
  sender_forget_key(&voice->sender);
  forget_data(voice);
  jitter_reset(&voice->jitter);
  if (peer) voice_part(peer);
}

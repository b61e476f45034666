#include "line_card.h"

#include "line.h"

#include <alsa/asoundlib.h>
#include <errno.h>
#include <string.h>

enum {
  IN_LATENCY_US = 200 * 1000,
  OUT_LATENCY_US = 150 * 1000,
  AHEAD_MS = 10,  /* what waits in the card at first */
  GROWTH_MS = 5,  /* more after each underrun */
  MOST_FRAMES = 4096,
  MOST_FAULTS = 200, /* turns in a row: a second */
};

struct sound_card {
  char capture[CARD_NAME], playback[CARD_NAME];
  snd_pcm_t *in, *out;
  int rate_hz, ahead_ms, most_ahead_ms;
  unsigned in_channels, out_channels, faults;
  bool is_running, is_gone;
  struct line *lines[CARD_CHANNELS];
};

/* ---- opening */

static void say_nothing(const char *file, int line, const char *function, int error,
                        const char *format, ...) {
  (void)file, (void)line, (void)function, (void)error, (void)format;
}

/* Stereo where it can be had: the other channel is another line. */
static int set_up(snd_pcm_t *pcm, int rate_hz, unsigned latency_us, unsigned *channels) {
  int error = -EINVAL;
  for (*channels = CARD_CHANNELS; *channels > 0; --*channels) {
    error = snd_pcm_set_params(pcm, SND_PCM_FORMAT_S16_LE, SND_PCM_ACCESS_RW_INTERLEAVED,
                               *channels, (unsigned)rate_hz, 0, latency_us);
    if (!error) return 0;
  }
  return error;
}

static int open_pcms(struct sound_card *card) {
  int error = snd_pcm_open(&card->in, card->capture, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
  if (!error) error = set_up(card->in, card->rate_hz, IN_LATENCY_US, &card->in_channels);
  if (error) return error;
  error = snd_pcm_open(&card->out, card->playback, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
  return error ? error : set_up(card->out, card->rate_hz, OUT_LATENCY_US, &card->out_channels);
}

struct sound_card *card_open(const struct core_line_audio *audio, int *error) {
  struct sound_card *card = calloc(1, sizeof *card);
  *error = -ENOMEM;
  if (!card) return NULL;
  snd_lib_error_set_handler(say_nothing);
  snprintf(card->capture, sizeof card->capture, "%s", audio->alsa_capture);
  snprintf(card->playback, sizeof card->playback, "%s", audio->alsa_playback);
  card->rate_hz = audio->sample_rate_hz;
  card->ahead_ms = AHEAD_MS;
  card->most_ahead_ms = audio->queue_ms > AHEAD_MS ? audio->queue_ms : AHEAD_MS;
  *error = open_pcms(card);
  if (!*error) return card;
  card_close(card);
  return NULL;
}

void card_close(struct sound_card *card) {
  if (card->in) snd_pcm_close(card->in);
  if (card->out) snd_pcm_close(card->out);
  free(card);
}

bool card_is(const struct sound_card *card, const struct core_line_audio *audio) {
  return !card->is_gone && !strcmp(card->capture, audio->alsa_capture) &&
         !strcmp(card->playback, audio->alsa_playback) && card->rate_hz == audio->sample_rate_hz;
}

int card_attach(struct sound_card *card, struct line *line, int channel) {
  bool is_there = channel >= 0 && channel < (int)card->in_channels &&
                  channel < (int)card->out_channels;
  if (!is_there) return -EINVAL;
  if (card->lines[channel]) return -EBUSY;
  card->lines[channel] = line;
  return 0;
}

bool card_detach(struct sound_card *card, const struct line *line) {
  bool is_empty = true;
  for (int i = 0; i < CARD_CHANNELS; i++) {
    if (card->lines[i] == line) card->lines[i] = NULL;
    is_empty = is_empty && !card->lines[i];
  }
  return is_empty;
}

/* ---- running */

static void count(struct sound_card *card, bool is_underrun) {
  for (int i = 0; i < CARD_CHANNELS; i++) {
    if (!card->lines[i]) continue;
    if (is_underrun)
      card->lines[i]->device.underruns++;
    else
      card->lines[i]->device.overruns++;
  }
}

/* What waits in the card is silence at first. */
static int start_out(struct sound_card *card) {
  static const int16_t silence[MOST_FRAMES * CARD_CHANNELS];
  int ahead = card->rate_hz * card->ahead_ms / 1000;
  int error = snd_pcm_prepare(card->out);
  if (error) return error;
  snd_pcm_writei(card->out, silence, (snd_pcm_uframes_t)(ahead < MOST_FRAMES ? ahead : MOST_FRAMES));
  return snd_pcm_state(card->out) == SND_PCM_STATE_PREPARED ? snd_pcm_start(card->out) : 0;
}

static int start(struct sound_card *card) {
  snd_pcm_drop(card->in);
  snd_pcm_drop(card->out);
  int error = snd_pcm_prepare(card->in);
  if (!error) error = start_out(card);
  if (!error && snd_pcm_state(card->in) == SND_PCM_STATE_PREPARED) error = snd_pcm_start(card->in);
  card->is_running = !error;
  return error;
}

/* A card that comes back by itself within a second is used again; one that is gone ends its lines. */
static void fail(struct sound_card *card, int error) {
  card->is_gone = error == -ENODEV || ++card->faults > MOST_FAULTS;
  card->is_running = false;
  if (error == -EPIPE || error == -ESTRPIPE) count(card, false);
  for (int i = 0; card->is_gone && i < CARD_CHANNELS; i++)
    if (card->lines[i]) line_end(card->lines[i], -error);
}

/* Nothing was left to play: more waits from now on. What comes in goes on. */
static int go_on_after_underrun(struct sound_card *card) {
  count(card, true);
  if (card->ahead_ms + GROWTH_MS <= card->most_ahead_ms) card->ahead_ms += GROWTH_MS;
  return start_out(card);
}

static void pass_in(struct sound_card *card, const int16_t *frames, int got) {
  int16_t samples[MOST_FRAMES];
  for (int channel = 0; channel < CARD_CHANNELS; channel++) {
    struct line *line = card->lines[channel];
    if (!line) continue;
    for (int i = 0; i < got; i++) samples[i] = frames[i * (int)card->in_channels + channel];
    line_take_samples(line, samples, (size_t)got);
  }
}

static int pass_out(struct sound_card *card, int16_t *frames, int got) {
  int16_t samples[MOST_FRAMES];
  memset(frames, 0, (size_t)got * card->out_channels * sizeof *frames);
  for (int channel = 0; channel < CARD_CHANNELS; channel++) {
    struct line *line = card->lines[channel];
    if (!line) continue;
    device_give_samples(&line->device, samples, (size_t)got);
    for (int i = 0; i < got; i++) frames[i * (int)card->out_channels + channel] = samples[i];
  }
  snd_pcm_sframes_t written = snd_pcm_writei(card->out, frames, (snd_pcm_uframes_t)got);
  if (written >= 0 && written < got) count(card, false); /* it takes less than it gives */
  return written < 0 && written != -EAGAIN ? (int)written : 0;
}

void card_restart(struct sound_card *card) { card->is_running = false; }

void card_turn(struct sound_card *card) {
  int16_t frames[MOST_FRAMES * CARD_CHANNELS];
  if (card->is_gone) return;
  int error = card->is_running ? 0 : start(card);
  snd_pcm_uframes_t most = (snd_pcm_uframes_t)(card->rate_hz * 60 / 1000); /* a turn; then the next */
  snd_pcm_sframes_t got = error;
  if (!error) got = snd_pcm_readi(card->in, frames, most < MOST_FRAMES ? most : MOST_FRAMES);
  if (got == -EAGAIN) return;
  if (got >= 0) {
    card->faults = 0;
    pass_in(card, frames, (int)got);
    error = pass_out(card, frames, (int)got);
    if (error == -EPIPE) error = go_on_after_underrun(card);
  } else {
    error = (int)got;
  }
  if (error) fail(card, error);
}

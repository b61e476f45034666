/* An ALSA plug-in that is a stereo codec with a cable from each channel's output to the other's input,
   for machines without sound hardware (and without snd-aloop): pcm.NAME { type cable }.
   It keeps time as hardware does: by its own crystal, with overruns and underruns when nobody comes. */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

enum { RING = 1 << 16, CHANNELS = 2 };

/* What is played, by the number of its frame since playing began. */
static int16_t played[RING][CHANNELS];
static double playing_since_s;
/* CABLE_STALL_MS: what is recorded stands still once, so long after it began, until it begins anew. */
static bool has_stalled, is_stalled;
/* CABLE_GONE_MS: the first codec is pulled out so long after it was opened; whoever opens it again gets
   another. */
static int opened;

struct cable {
  snd_pcm_ioplug_t io;
  double gone_s; /* when it is pulled out, 0 = never */
  double began_s, rate_hz;
  uint64_t moved; /* frames that the program has written or read */
  int timer;
};

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool is_gone(const struct cable *cable) {
  return cable->gone_s > 0 && now_s() > cable->gone_s;
}

static uint64_t passed(const struct cable *cable) {
  const char *stall_ms = getenv("CABLE_STALL_MS");
  double since_s = now_s() - cable->began_s;
  if (stall_ms && cable->io.stream == SND_PCM_STREAM_CAPTURE) {
    double stall_s = 1e-3 * atof(stall_ms);
    if (!has_stalled && since_s >= stall_s) has_stalled = is_stalled = true;
    if (is_stalled && since_s > stall_s) since_s = stall_s;
  }
  return (uint64_t)(since_s * cable->rate_hz);
}

static int start(snd_pcm_ioplug_t *io) {
  struct cable *cable = io->private_data;
  cable->began_s = now_s();
  if (io->stream == SND_PCM_STREAM_PLAYBACK) playing_since_s = cable->began_s;
  if (io->stream == SND_PCM_STREAM_CAPTURE) is_stalled = false;
  return 0;
}

static int prepare(snd_pcm_ioplug_t *io) {
  struct cable *cable = io->private_data;
  if (is_gone(cable)) return -ENODEV;
  cable->moved = 0;
  cable->began_s = now_s();
  if (io->stream == SND_PCM_STREAM_PLAYBACK) memset(played, 0, sizeof played);
  return 0;
}

static int stop(snd_pcm_ioplug_t *io) {
  (void)io;
  return 0;
}

static snd_pcm_sframes_t pointer(snd_pcm_ioplug_t *io) {
  const struct cable *cable = io->private_data;
  if (is_gone(cable)) return -ENODEV;
  if (io->state != SND_PCM_STATE_RUNNING) return 0;
  uint64_t done = passed(cable);
  if (io->stream == SND_PCM_STREAM_PLAYBACK && done > cable->moved) return -EPIPE;
  if (io->stream == SND_PCM_STREAM_CAPTURE && done > cable->moved + io->buffer_size) return -EPIPE;
  return (snd_pcm_sframes_t)(done % io->buffer_size);
}

static int16_t *sample_of(const snd_pcm_channel_area_t *area, snd_pcm_uframes_t frame) {
  return (int16_t *)((char *)area->addr + (area->first + area->step * frame) / 8);
}

static snd_pcm_sframes_t transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                  snd_pcm_uframes_t offset, snd_pcm_uframes_t size) {
  struct cable *cable = io->private_data;
  double later_s = cable->began_s - playing_since_s;
  uint64_t shift = (uint64_t)(int64_t)(later_s * cable->rate_hz);
  for (snd_pcm_uframes_t i = 0; i < size; i++, cable->moved++) {
    for (int channel = 0; channel < CHANNELS; channel++) {
      int16_t *sample = sample_of(&areas[channel], offset + i);
      if (io->stream == SND_PCM_STREAM_PLAYBACK)
        played[cable->moved % RING][channel] = *sample;
      else
        *sample = played[(cable->moved + shift) % RING][1 - channel];
    }
  }
  return (snd_pcm_sframes_t)size;
}

static int close_cable(snd_pcm_ioplug_t *io) {
  struct cable *cable = io->private_data;
  close(cable->timer);
  free(cable);
  return 0;
}

static int constrain(struct cable *cable) {
  static const unsigned access[] = {SND_PCM_ACCESS_RW_INTERLEAVED};
  static const unsigned format[] = {SND_PCM_FORMAT_S16_LE}, rates[] = {8000, 16000, 48000};
  snd_pcm_ioplug_t *io = &cable->io;
  snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, access);
  snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
  snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_RATE, 3, rates);
  snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, CHANNELS, CHANNELS);
  snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 160, 65536);
  return snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 640, 131072);
}

/* CABLE_PPM: how much its crystal is off. */
static int params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *wanted) {
  struct cable *cable = io->private_data;
  const char *ppm = getenv("CABLE_PPM");
  (void)wanted;
  cable->rate_hz = io->rate * (1 + (ppm ? atof(ppm) : 0) * 1e-6);
  return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {.start = start,
                                                    .stop = stop,
                                                    .pointer = pointer,
                                                    .transfer = transfer,
                                                    .prepare = prepare,
                                                    .hw_params = params,
                                                    .close = close_cable};

SND_PCM_PLUGIN_DEFINE_FUNC(cable) {
  struct cable *cable = calloc(1, sizeof *cable);
  (void)root, (void)conf;
  if (!cable) return -ENOMEM;
  cable->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  cable->rate_hz = 8000;
  const char *gone_ms = getenv("CABLE_GONE_MS");
  if (gone_ms && opened++ < 2) cable->gone_s = now_s() + 1e-3 * atof(gone_ms); /* both ways */
  cable->io.version = SND_PCM_IOPLUG_VERSION;
  cable->io.name = "a codec with a cable between its channels";
  cable->io.callback = &callbacks;
  cable->io.private_data = cable;
  cable->io.poll_fd = cable->timer;
  cable->io.poll_events = POLLIN;
  int error = snd_pcm_ioplug_create(&cable->io, name, stream, mode);
  if (!error) error = constrain(cable);
  if (error) {
    free(cable);
    return error;
  }
  *pcmp = cable->io.pcm;
  return 0;
}

SND_PCM_PLUGIN_SYMBOL(cable);

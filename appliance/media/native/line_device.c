#include "line_device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { LEAST_QUEUE_MS = 20, MOST_QUEUE_MS = 200, BLOCK_MS = 10, GROWTH_MS = 10 };
enum { CODE_UNDERRUN = 'u', CODE_OVERRUN = 'o' }; /* V.253 §8.2.3 */

static size_t device_samples(const struct device *device, int ms) {
  return (size_t)device->settings.sample_rate_hz * (size_t)ms / 1000;
}

/* Samples that one write carries; 0 = any number. */
static size_t unit_samples(const struct device *device) {
  return (size_t)device->settings.frame_octets / encoding_octets(device->settings.encoding);
}

size_t device_unit(const struct device *device) {
  return unit_samples(device) * 8000 / (size_t)device->settings.sample_rate_hz;
}

static bool is_sane(const struct device_settings *settings) {
  return settings->encoding <= LINE_ULAW && settings->frame_octets >= 0 &&
         settings->frame_octets <= DEVICE_UNIT / 2 &&
         settings->frame_octets % (int)encoding_octets(settings->encoding) == 0;
}

int device_init(struct device *device, const struct device_settings *settings) {
  memset(device, 0, sizeof *device);
  device->descriptor = -1;
  if (!is_sane(settings)) return -EINVAL;
  device->settings = *settings;
  int queue_ms = settings->queue_ms < LEAST_QUEUE_MS ? LEAST_QUEUE_MS : settings->queue_ms;
  device->settings.queue_ms = queue_ms > MOST_QUEUE_MS ? MOST_QUEUE_MS : queue_ms;
  if (settings->lead_ms > device->settings.queue_ms) device->settings.lead_ms = device->settings.queue_ms;
  unframer_init(&device->unframer, settings->encoding, settings->is_shielded);
  int error = rate_init(&device->rates, settings->sample_rate_hz);
  if (error || settings->descriptor < 0) return error;
  device->descriptor = fcntl(settings->descriptor, F_DUPFD_CLOEXEC, 0);
  if (device->descriptor >= 0) return 0;
  error = -errno;
  rate_free(&device->rates);
  return error;
}

void device_free(struct device *device) {
  rate_free(&device->rates);
  if (device->descriptor >= 0) close(device->descriptor);
  device->descriptor = -1;
}

/* ---- out */

static void forget_first(struct device *device, size_t count) {
  device->queued -= count;
  device->keyed -= count < device->keyed ? count : device->keyed;
  if (device->noted > device->queued) device->noted = device->queued;
  memmove(device->queue, device->queue + count, device->queued * sizeof *device->queue);
}

static void note_late(struct device *device) {
  size_t most = device_samples(device, device->settings.queue_ms) + unit_samples(device);
  size_t excess = device->queued > most ? device->queued - most : 0;
  if (excess > device->noted) {
    device->late += excess - device->noted;
    device->underruns++;
  }
  device->noted = excess;
}

/* The oldest goes: it is late already. */
static void leave_out(struct device *device) {
  size_t count = device->late < device->queued ? device->late : device->queued;
  device->late -= count;
  forget_first(device, count);
}

/* The device takes nothing: whatever waits is too old. */
static void make_room(struct device *device) {
  note_late(device);
  leave_out(device);
}

static void enqueue_silence(struct device *device, size_t samples) {
  if (device->queued + samples > DEVICE_QUEUE) return;
  memset(device->queue + device->queued, 0, samples * sizeof *device->queue);
  device->queued += samples;
}

int device_ahead_ms(const struct device *device) {
  if (device->settings.descriptor < 0) return BLOCK_MS; /* a card: what it holds is its own */
  if (device->settings.lead_ms >= 0) return device->settings.lead_ms;
  int half = device->settings.queue_ms / 2;
  size_t unit = unit_samples(device), rate = (size_t)device->settings.sample_rate_hz;
  int unit_ms = rate ? (int)(unit * 1000 / rate) : 0;
  int ahead = half > unit_ms ? half : unit_ms;
  return ahead < device->settings.queue_ms ? ahead : device->settings.queue_ms;
}

static void enqueue_block(struct device *device, const int16_t block[VOICE_BLOCK], bool is_key) {
  if (!device->has_begun) enqueue_silence(device, device_samples(device, device_ahead_ms(device)));
  device->has_begun = true;
  device->blocks_out++;
  device->queued += rate_to_device(&device->rates, block, VOICE_BLOCK,
                                   device->queue + device->queued, DEVICE_QUEUE - device->queued);
  if (is_key) device->keyed = device->queued;
}

static bool make_unit(struct device *device) {
  size_t unit = unit_samples(device), most = DEVICE_UNIT / 4;
  size_t count = unit ? unit : device->queued < most ? device->queued : most;
  if (count == 0 || device->queued < count) return false;
  device->unit_at = 0;
  device->unit_size = frame_samples(device->settings.encoding, device->settings.is_shielded,
                                    device->queue, count, device->unit);
  forget_first(device, count);
  return true;
}

int device_write(struct device *device) {
  if (device->descriptor < 0 || device->settings.is_receive_only) return 0;
  note_late(device);
  if (!device->keyed) leave_out(device);
  while (device->unit_at < device->unit_size || make_unit(device)) {
    ssize_t size = write(device->descriptor, device->unit + device->unit_at,
                         device->unit_size - device->unit_at);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
    device->unit_at += (size_t)size;
  }
  return 0;
}

void device_give_samples(struct device *device, int16_t *samples, size_t count) {
  size_t given = count < device->queued ? count : device->queued;
  memcpy(samples, device->queue, given * sizeof *samples);
  memset(samples + given, 0, (count - given) * sizeof *samples);
  forget_first(device, given);
}

/* ---- in */

static void pass_block(struct device *device, struct voice *voice, uint64_t now_ns) {
  int16_t out[VOICE_BLOCK];
  device->filled = 0;
  device->blocks_in++;
  bool is_key = voice_block(voice, device->block, out, now_ns);
  if (device->settings.is_receive_only) return;
  if (device->queued + device_samples(device, 2 * BLOCK_MS) > DEVICE_QUEUE) make_room(device);
  enqueue_block(device, out, is_key);
}

void device_take_samples(struct device *device, struct voice *voice, const int16_t *samples,
                         size_t count, uint64_t now_ns) {
  while (count > 0) {
    size_t used;
    device->filled += rate_to_line(&device->rates, samples, count, device->block + device->filled,
                                   VOICE_BLOCK - device->filled, &used);
    samples += used;
    count -= used;
    if (device->filled == VOICE_BLOCK) pass_block(device, voice, now_ns);
  }
}

static void note_code(struct device *device, int code) {
  if (code == CODE_UNDERRUN) {
    device->underruns++;
    if (device->queued < device_samples(device, device->settings.queue_ms))
      enqueue_silence(device, device_samples(device, GROWTH_MS));
  }
  if (code == CODE_OVERRUN) device->overruns++;
}

static void keep_unread(struct device *device, const uint8_t *octets, size_t size) {
  device->is_over = true;
  size_t room = sizeof device->unread - device->unread_size;
  if (size > room) size = room;
  memcpy(device->unread + device->unread_size, octets, size);
  device->unread_size += size;
}

/* A unit may come in pieces. */
static void settle(struct device *device, struct voice *voice) {
  size_t unit = unit_samples(device);
  if (unit == 0 || device->since_unit < unit) return;
  device->since_unit %= unit;
  voice_settle(voice);
}

void device_take(struct device *device, struct voice *voice, const uint8_t *octets, size_t size,
                 uint64_t now_ns, device_code *tell, void *context) {
  int16_t samples[512];
  while (size > 0 && !device->unframer.is_ended) {
    size_t made;
    int code;
    size_t used = unframe(&device->unframer, octets, size, samples,
                          sizeof samples / sizeof *samples, &made, &code);
    octets += used;
    size -= used;
    device_take_samples(device, voice, samples, made, now_ns);
    device->samples += made;
    device->since_unit += made;
    if (code < 0 || code == SHIELD_ETX) continue;
    note_code(device, code);
    tell(context, code);
  }
  settle(device, voice);
  if (device->unframer.is_ended) keep_unread(device, octets, size);
}

void device_return_half(struct device *device) {
  if (!device->unframer.has_dle || device->unframer.is_ended) return;
  device->unframer.has_dle = false;
  device->unread[device->unread_size++] = SHIELD_DLE;
}

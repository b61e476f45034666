/* A line's descriptor: octets in, octets out, as much written as was read, so that the device's clock
   paces both ways; or octets in alone. Keeps at most queue_ms waiting in the device: what an overslept
   moment made too much is dropped and counted, but never out of keys: half a key is a wrong number.
   Then as much is left out of what follows them. */
#ifndef DOZVON_LINE_DEVICE_H
#define DOZVON_LINE_DEVICE_H

#include "line_framing.h"
#include "line_rate.h"
#include "line_voice.h"

#include <sys/types.h>

enum { DEVICE_READ = 4096, DEVICE_QUEUE = 8192 /* samples */, DEVICE_UNIT = 2048 /* octets */ };

struct device_settings {
  enum line_encoding encoding;
  int descriptor, sample_rate_hz, frame_octets, queue_ms;
  int lead_ms; /* silence that is said first; negative = half of queue_ms, a unit at least */
  bool is_shielded;
  bool is_receive_only; /* not one octet is written: it would end what the device says */
};

struct device {
  struct device_settings settings;
  int descriptor; /* ours, a duplicate; -1 = none */
  struct unframer unframer;
  struct rate_pair rates;
  int16_t block[VOICE_BLOCK]; /* at 8 kHz, not full yet */
  size_t filled;
  int16_t queue[DEVICE_QUEUE]; /* at the device's rate, for the next write */
  size_t queued;
  size_t keyed; /* samples of the queue up to the end of a key */
  size_t late;  /* samples that are to be left out, as soon as it holds no key */
  size_t noted; /* samples of the queue that `late` has counted */
  uint64_t samples;  /* that came by the descriptor */
  size_t since_unit; /* samples that came after the last whole unit */
  uint8_t unit[DEVICE_UNIT]; /* being written */
  size_t unit_size, unit_at;
  uint8_t unread[DEVICE_READ]; /* what came after the end of the stream */
  size_t unread_size;
  bool has_begun, is_over;
  uint64_t blocks_in, blocks_out, underruns, overruns;
};

typedef void device_code(void *context, int code);

/* 0 or -errno. */
int device_init(struct device *device, const struct device_settings *settings);
void device_free(struct device *device);
/* Takes octets that came: blocks pass through the voice, codes are told in order. */
void device_take(struct device *device, struct voice *voice, const uint8_t *octets, size_t size,
                 uint64_t now_ns, device_code *tell, void *context);
/* The same for samples at the device's rate (a sound card), and as many for it. */
void device_take_samples(struct device *device, struct voice *voice, const int16_t *samples,
                         size_t count, uint64_t now_ns);
void device_give_samples(struct device *device, int16_t *samples, size_t count);
/* Writes what is due; 0 or -errno where the descriptor failed. */
int device_write(struct device *device);
/* A DLE whose code has not come belongs to whoever reads on: it is unread again. */
void device_return_half(struct device *device);
/* Samples at 8 kHz that the device gives at a time; 0 = any number. */
size_t device_unit(const struct device *device);
/* How long a sample waits in the device by our account. */
int device_ahead_ms(const struct device *device);

#endif

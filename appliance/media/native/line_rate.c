#include "line_rate.h"

#include <errno.h>
#include <speex/speex_resampler.h>
#include <string.h>

enum { LINE_HZ = 8000, LEAST_HZ = 8000, MOST_HZ = 192000, QUALITY = 4 };

int rate_init(struct rate_pair *rates, int device_hz) {
  int error = 0;
  *rates = (struct rate_pair){NULL, NULL};
  if (device_hz < LEAST_HZ || device_hz > MOST_HZ) return -EINVAL;
  if (device_hz == LINE_HZ) return 0;
  rates->down = speex_resampler_init(1, (unsigned)device_hz, LINE_HZ, QUALITY, &error);
  rates->up = speex_resampler_init(1, LINE_HZ, (unsigned)device_hz, QUALITY, &error);
  if (rates->down && rates->up) return 0;
  rate_free(rates);
  return -ENOMEM;
}

void rate_free(struct rate_pair *rates) {
  if (rates->down) speex_resampler_destroy(rates->down);
  if (rates->up) speex_resampler_destroy(rates->up);
  *rates = (struct rate_pair){NULL, NULL};
}

static size_t convert(struct SpeexResamplerState_ *state, const int16_t *in, size_t *count,
                      int16_t *out, size_t room) {
  spx_uint32_t used = (spx_uint32_t)*count, made = (spx_uint32_t)room;
  if (state) {
    speex_resampler_process_int(state, 0, in, &used, out, &made);
  } else {
    made = used = used < made ? used : made;
    memcpy(out, in, used * sizeof *in);
  }
  *count = used;
  return made;
}

size_t rate_to_line(struct rate_pair *rates, const int16_t *in, size_t count, int16_t *out,
                    size_t room, size_t *used) {
  *used = count;
  return convert(rates->down, in, used, out, room);
}

size_t rate_to_device(struct rate_pair *rates, const int16_t *in, size_t count, int16_t *out,
                      size_t room) {
  return convert(rates->up, in, &count, out, room);
}

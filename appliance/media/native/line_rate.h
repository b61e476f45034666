/* From a device's rate (16, 44.1, 48 kHz …) to 8 kHz and back, by speexdsp; nothing where it is 8 kHz. */
#ifndef DOZVON_LINE_RATE_H
#define DOZVON_LINE_RATE_H

#include <stddef.h>
#include <stdint.h>

struct SpeexResamplerState_;

struct rate_pair {
  struct SpeexResamplerState_ *down, *up; /* NULL = 8 kHz */
};

/* 0, -EINVAL or -ENOMEM. */
int rate_init(struct rate_pair *rates, int device_hz);
void rate_free(struct rate_pair *rates);
/* How many samples were written; *used: how many were read. */
size_t rate_to_line(struct rate_pair *rates, const int16_t *in, size_t count, int16_t *out,
                    size_t room, size_t *used);
size_t rate_to_device(struct rate_pair *rates, const int16_t *in, size_t count, int16_t *out,
                      size_t room);

#endif

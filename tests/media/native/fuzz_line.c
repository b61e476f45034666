/* libFuzzer harness of a line's octets: any split of a stream gives the same samples and codes. The
   first octet chooses the framing, the second the split. */
#include "line_framing.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 4096 };

struct reading {
  int16_t samples[2 * MOST];
  int codes[MOST];
  size_t sample_count, code_count, used;
};

static void read_part(struct unframer *unframer, struct reading *reading, const uint8_t *octets,
                      size_t size) {
  while (size > 0 && !unframer->is_ended) {
    size_t made;
    int code;
    int16_t *to = reading->samples + reading->sample_count;
    size_t used = unframe(unframer, octets, size, to, 7, &made, &code);
    if (used == 0 || used > size || made > 7) abort();
    octets += used;
    size -= used;
    reading->used += used;
    reading->sample_count += made;
    if (code >= 0) reading->codes[reading->code_count++] = code;
  }
}

static void read_all(struct reading *reading, uint8_t kind, const uint8_t *octets, size_t size,
                     size_t step) {
  struct unframer unframer;
  memset(reading, 0, sizeof *reading);
  unframer_init(&unframer, (enum line_encoding)(kind & 3), kind & 4);
  for (size_t at = 0; at < size && !unframer.is_ended; at += step)
    read_part(&unframer, reading, octets + at, size - at < step ? size - at : step);
}

static void write_back(const struct reading *reading, uint8_t kind) {
  struct unframer unframer;
  static struct reading again;
  static uint8_t octets[8 * MOST];
  enum line_encoding encoding = (enum line_encoding)(kind & 3);
  memset(&again, 0, sizeof again);
  size_t size = frame_samples(encoding, kind & 4, reading->samples, reading->sample_count, octets);
  if (size > 4 * reading->sample_count) abort();
  unframer_init(&unframer, encoding, kind & 4);
  read_part(&unframer, &again, octets, size);
  if (again.code_count || again.sample_count != reading->sample_count) abort();
  if (memcmp(again.samples, reading->samples, again.sample_count * sizeof *again.samples)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct reading whole, split;
  if (size < 3 || size > MOST) return 0;
  read_all(&whole, data[0], data + 2, size - 2, MOST);
  read_all(&split, data[0], data + 2, size - 2, 1 + data[1] % 7u);
  if (memcmp(&whole, &split, sizeof whole)) abort();
  write_back(&whole, data[0]);
  return 0;
}

/* A far end whose packets come 100 ms earlier from some moment on, and who falls silent 300 ms after that
   was taken: how often the jitter buffer slipped, and the loudest of the 2 s that follow. */
#include "line_jitter.h"

#include <stdio.h>
#include <stdlib.h>

enum { PACKET = 160, EARLIER = 5, EARLIER_FROM = 100, BLOCK = 80 };
static const uint64_t START_NS = 1000000000, BLOCK_NS = 10000000;

static void put(struct jitter *jitter, unsigned number, uint64_t now_ns) {
  int16_t samples[PACKET];
  for (int i = 0; i < PACKET; i++) samples[i] = (int16_t)(i % 40 * 200 - 4000);
  jitter_put(jitter, number * PACKET, samples, PACKET, now_ns);
}

static void speak(struct jitter *jitter, unsigned moment, uint64_t now_ns) {
  unsigned last = moment < EARLIER_FROM ? moment : moment + EARLIER;
  unsigned first = moment == EARLIER_FROM ? moment : last;
  for (unsigned number = first; number <= last; number++) put(jitter, number, now_ns);
}

int main(void) {
  static struct jitter jitter;
  int16_t out[BLOCK];
  int loudest = 0;
  unsigned since_slip = 0;
  jitter_init(&jitter);
  for (unsigned block = 0; since_slip < 270; block++) {
    uint64_t now_ns = START_NS + block * BLOCK_NS;
    since_slip += jitter.slips > 0;
    if (block % 2 == 0 && since_slip < 30) speak(&jitter, block / 2, now_ns);
    jitter_take(&jitter, out, BLOCK, now_ns + BLOCK_NS / 2);
    for (int i = 0; i < BLOCK && since_slip > 70; i++)
      if (abs(out[i]) > loudest) loudest = abs(out[i]);
  }
  printf("{\"slips\": %llu, \"loudest\": %d}\n", (unsigned long long)jitter.slips, loudest);
  return 0;
}

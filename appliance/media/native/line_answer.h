/* The answering tone of fax machines and modems (V.25 §6, V.8 §8.2: 2100 Hz whose phase turns over each
   450 ms): whoever says it cancels echo by himself and wants nobody else to (G.164 §5, G.165 §4). */
#ifndef DOZVON_LINE_ANSWER_H
#define DOZVON_LINE_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

enum { ANSWER_BLOCK = 80 };

struct answer_tone {
  double phase, turn;   /* of the last clean block; by how much it goes on from block to block */
  unsigned run, gap;    /* blocks since the tone began or turned over; since the last clean one */
  unsigned turns;       /* reversals one after the other, each at its time */
};

/* A block of what is said in one direction. True once two reversals came 450 ms apart. */
bool answer_tone_hear(struct answer_tone *tone, const int16_t block[ANSWER_BLOCK]);

#endif

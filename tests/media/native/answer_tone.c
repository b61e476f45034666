/* When an answering tone is heard in s16le at 8 kHz on stdin: milliseconds, a line each; after each one
   listening begins anew. */
#include "line_answer.h"

#include <stdio.h>

int main(void) {
  struct answer_tone tone = {0};
  int16_t block[ANSWER_BLOCK];
  for (unsigned long number = 1; fread(block, sizeof block, 1, stdin) == 1; number++) {
    if (!answer_tone_hear(&tone, block)) continue;
    printf("%lu\n", 10 * number);
    tone = (struct answer_tone){0};
  }
  return 0;
}

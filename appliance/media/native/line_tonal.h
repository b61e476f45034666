/* Is this a tone? One or two sines can be foretold from four samples before, and they keep their level;
   speech does either for a moment, never both for long. */
#ifndef DOZVON_LINE_TONAL_H
#define DOZVON_LINE_TONAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TONAL_BLOCK = 80, TONAL_WINDOW = 320, TONAL_LEVELS = 5 };

struct tonal {
  int16_t window[TONAL_WINDOW];
  double energies[TONAL_LEVELS]; /* of the last windows, newest first, 10 ms apart */
  unsigned run;                  /* windows in a row that are a tone */
};

/* True once a tone has sounded for some 110 ms, until it ends. */
bool tonal_hear(struct tonal *tonal, const int16_t block[TONAL_BLOCK]);

#endif

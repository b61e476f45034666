/* Russian AON: each symbol two of six frequencies for 40 ms, no gaps; equal neighbours never follow
   each other (the second is sent as "repeat"), so that every symbol begins with a change. */
#include "detect_parts.h"

#include <string.h>

enum {
  LEAST_RUN = 3,      /* steps of 5 ms: of 8, 4 are mixed with the neighbours */
  SYMBOL_STEPS = 8,
  ENDS_AFTER = 16,    /* quiet steps */
  LEAST_SYMBOLS = 10, /* order 36 of 02.09.2008: fewer cannot hold a number */
};
static const float LEAST_PURITY = 0.7f, LEAST_SHARE = 0.1f, LEAST_DBM0 = -38.0f;

const int AON_HZ[AON_TONES] = {700, 900, 1100, 1300, 1500, 1700};
const char AON_PAIRS[AON_TONES][AON_TONES + 1] = {
    /*        700 900 1100 1300 1500 1700 */
    /* 700 */ " 1247 ",
    /* 900 */ "  358 ",
    /* 1100 */ "   69S",
    /* 1300 */ "    0R",
    /* 1500 */ "      ",
    /* 1700 */ "      ",
};

int aon_configure(struct aon_hearing *aon, struct spectrum *spectrum, bool hears) {
  memset(aon, 0, sizeof *aon);
  aon->hears = hears;
  for (int i = 0; hears && i < AON_TONES; i++)
    if ((aon->bins[i] = spectrum_add(spectrum, (float)AON_HZ[i])) < 0) return -1;
  return 0;
}

/* The symbol of this moment, 0 = none. */
static int symbol_now(const struct aon_hearing *aon, const struct spectrum *spectrum) {
  float powers[AON_TONES], first = 0, second = 0;
  int strongest = 0, next = 0;
  for (int i = 0; i < AON_TONES; i++) {
    powers[i] = spectrum->bins[aon->bins[i]].power;
    if (powers[i] > first) {
      second = first;
      next = strongest;
      first = powers[i];
      strongest = i;
    } else if (powers[i] > second) {
      second = powers[i];
      next = i;
    }
  }
  float both = first + second;
  if (both < LEAST_PURITY * spectrum->power || second < LEAST_SHARE * both) return 0;
  if (power_dbm0(both) < LEAST_DBM0) return 0;
  int low = strongest < next ? strongest : next, high = strongest < next ? next : strongest;
  char symbol = AON_PAIRS[low][high];
  return symbol == ' ' ? 0 : symbol;
}

static void add(struct aon_hearing *aon, int symbol) {
  if (aon->length < sizeof aon->symbols) aon->symbols[aon->length++] = (uint8_t)symbol;
}

static void end(struct aon_hearing *aon, struct results *results) {
  if (aon->length >= LEAST_SYMBOLS) {
    struct detection *found = detect_push(results, DETECTED_CALLER_ID);
    found->method = CALLER_ID_AON;
    found->length = (int)aon->length;
    memcpy(found->message, aon->symbols, aon->length);
  }
  aon->length = 0;
}

void aon_step(struct aon_hearing *aon, const struct spectrum *spectrum, struct results *results) {
  if (!aon->hears) return;
  int symbol = symbol_now(aon, spectrum);
  aon->since++;
  aon->quiet = symbol ? 0 : aon->quiet + 1;
  aon->run = symbol && symbol == aon->pair ? aon->run + 1 : symbol != 0;
  aon->pair = symbol;
  if (aon->run == LEAST_RUN) {
    /* A symbol that could not be read leaves its place. */
    for (; aon->length && aon->since > SYMBOL_STEPS * 3 / 2; aon->since -= SYMBOL_STEPS)
      add(aon, '?');
    add(aon, symbol);
    aon->since = 0;
  }
  if (aon->length == sizeof aon->symbols || (aon->length && aon->quiet > ENDS_AFTER))
    end(aon, results);
}

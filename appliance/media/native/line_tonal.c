#include "line_tonal.h"

#include <string.h>

enum { ORDER = 4, LEAST_RUN = 4 };
static const double LEAST_SQUARE = 50.0 * 50.0, FORETOLD = 0.012 /* 19 dB */;
static const double STEADY = 1.17; /* 0.7 dB */

/* Solves the normal equations in place (Gauss, the matrix is symmetric and positive). */
static bool solve(double matrix[ORDER][ORDER + 1]) {
  for (int i = 0; i < ORDER; i++) {
    if (matrix[i][i] < 1e-9) return false;
    for (int row = i + 1; row < ORDER; row++) {
      double factor = matrix[row][i] / matrix[i][i];
      for (int column = i; column <= ORDER; column++)
        matrix[row][column] -= factor * matrix[i][column];
    }
  }
  for (int i = ORDER - 1; i >= 0; i--) {
    for (int column = i + 1; column < ORDER; column++)
      matrix[i][ORDER] -= matrix[i][column] * matrix[column][ORDER];
    matrix[i][ORDER] /= matrix[i][i];
  }
  return true;
}

static double product(const int16_t *samples, size_t count, int one, int other) {
  double sum = 0;
  for (size_t n = ORDER; n < count; n++)
    sum += (double)samples[n - (size_t)one] * samples[n - (size_t)other];
  return sum;
}

/* What four samples before cannot foretell, as a share of the energy. */
static double unforetold(const int16_t *samples, size_t count, double energy) {
  double matrix[ORDER][ORDER + 1], right[ORDER], left = energy;
  for (int i = 0; i < ORDER; i++) {
    for (int j = 0; j < ORDER; j++) matrix[i][j] = product(samples, count, i + 1, j + 1);
    right[i] = matrix[i][ORDER] = product(samples, count, 0, i + 1);
    matrix[i][i] *= 1 + 1e-7;
  }
  if (!solve(matrix)) return 0; /* fewer than two sines leave nothing to solve */
  for (int i = 0; i < ORDER; i++) left -= matrix[i][ORDER] * right[i];
  return left / energy;
}

static bool is_steady(const struct tonal *tonal) {
  for (int i = 2; i < TONAL_LEVELS; i += 2) {
    double ratio = tonal->energies[0] / (tonal->energies[i] + 1);
    if (ratio > STEADY || ratio < 1 / STEADY) return false;
  }
  return true;
}

bool tonal_hear(struct tonal *tonal, const int16_t block[TONAL_BLOCK]) {
  int16_t *window = tonal->window;
  memmove(window, window + TONAL_BLOCK, (TONAL_WINDOW - TONAL_BLOCK) * sizeof *window);
  memcpy(window + TONAL_WINDOW - TONAL_BLOCK, block, TONAL_BLOCK * sizeof *window);
  memmove(tonal->energies + 1, tonal->energies, (TONAL_LEVELS - 1) * sizeof *tonal->energies);
  double energy = tonal->energies[0] = product(window, TONAL_WINDOW, 0, 0);
  bool is_tone = energy > LEAST_SQUARE * TONAL_WINDOW && is_steady(tonal) &&
                 unforetold(window, TONAL_WINDOW, energy) < FORETOLD;
  tonal->run = is_tone ? tonal->run + 1 : 0;
  return tonal->run >= LEAST_RUN;
}

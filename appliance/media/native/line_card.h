/* Sound cards: one ALSA device, both ways, whose two channels are two lines (left and right of a stereo
   codec). Its clock paces both; a timer of 5 ms asks it what has come, whatever kind of PCM it is. */
#ifndef DOZVON_LINE_CARD_H
#define DOZVON_LINE_CARD_H

#include "core_private.h"

enum { CARD_CHANNELS = 2, CARD_NAME = 128 };

struct sound_card;

/* Opens both PCMs (slow, without the lock); NULL and *error = -errno. */
struct sound_card *card_open(const struct core_line_audio *audio, int *error);
void card_close(struct sound_card *card); /* without the lock */
/* True for these PCMs; one that is gone is none of anybody's any more, whoever still holds it. */
bool card_is(const struct sound_card *card, const struct core_line_audio *audio);
/* 0, -EINVAL: no such channel, or -EBUSY: it is another line's. */
int card_attach(struct sound_card *card, struct line *line, int channel);
/* True when nobody is left. */
bool card_detach(struct sound_card *card, const struct line *line);
/* Begins anew with its next turn. */
void card_restart(struct sound_card *card);
/* Reads what has come and writes as much; under the lock. */
void card_turn(struct sound_card *card);

#endif

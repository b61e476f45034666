/* What a far end says, kept for somebody who takes it every now and then: A-law octets, 8000 a second.
   No lock and no clock of its own; one block of memory, made when recording begins.

   RTP is laid by its timestamps: reordered packets in their place, silence where nothing came. A far
   end cannot make a recording longer than the time that passed since its first packet (and a little,
   for packets that were held up): what claims more is a jump, and is laid behind what there is. */
#ifndef DOZVON_RECORDER_H
#define DOZVON_RECORDER_H

#include "packet.h"

enum {
  RECORD_RING = 32768,    /* octets; a power of two */
  RECORD_KEPT = 32000,    /* of them: 4 s that may wait to be taken; as CORE_RECORDED */
  RECORD_REORDER = 800,   /* samples: so long a packet may come after its turn */
  RECORD_FORERUN = 1600,  /* samples: so much may come before its time */
  RECORD_SILENCE = 0xd5,
};

struct recorder {
  int64_t taken, end; /* samples since the beginning: given away, laid */
  uint64_t began_ns, heard_ns, lost; /* lost: octets that nobody took in time */
  int64_t position; /* of the newest packet's first sample */
  uint32_t timestamp, ssrc; /* likewise */
  uint16_t sequence_number;
  bool is_running, has_source;
  uint8_t ring[RECORD_RING];
};

/* Forgets all there was. */
void recorder_begin(struct recorder *recorder);
/* Nothing is kept any more; what was kept can still be taken. */
void recorder_stop(struct recorder *recorder);
/* A packet of the far end: G.711 by its static payload types, nothing else. */
void recorder_hear_rtp(struct recorder *recorder, const struct rtp_header *header,
                       const uint8_t *payload, size_t size, uint64_t now_ns);
/* Samples of a line, as its own clock gives them. */
void recorder_hear(struct recorder *recorder, const int16_t *samples, size_t count);
/* How many octets were written: at most `room`, none for which a packet may still come. */
size_t recorder_take(struct recorder *recorder, uint8_t *octets, size_t room, uint64_t now_ns);

#endif

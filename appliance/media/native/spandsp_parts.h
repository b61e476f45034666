/* The part of spandsp that we use (0.0.6 of Debian, 3.x of Buildroot), without those that want
   libtiff: fsk_rx for caller id. */
#ifndef DOZVON_SPANDSP_PARTS_H
#define DOZVON_SPANDSP_PARTS_H

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

#include <spandsp/telephony.h>

#include <spandsp/async.h>
#include <spandsp/fsk.h>

#endif

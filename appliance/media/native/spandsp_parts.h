/* The part of spandsp that we use for caller id, without those that want libtiff: fsk_rx, as 0.0.6
   of Debian and 3.x of Buildroot both have it (3.x wants bool known before). */
#ifndef DOZVON_SPANDSP_PARTS_H
#define DOZVON_SPANDSP_PARTS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <spandsp/telephony.h>

#include <spandsp/async.h>
#include <spandsp/fsk.h>

#endif

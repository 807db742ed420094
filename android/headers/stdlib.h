/* What ring's C asks of <stdlib.h>: its types. C17, 7.22. */
#ifndef MPOS_STDLIB_H
#define MPOS_STDLIB_H

#include <stddef.h>

#endif

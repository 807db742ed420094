/* What ring's C asks of <string.h>: Android's headers are not needed for more. C17, 7.24. */
#ifndef MPOS_STRING_H
#define MPOS_STRING_H

#include <stddef.h>

int memcmp(const void *a, const void *b, size_t length);
void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);

#endif

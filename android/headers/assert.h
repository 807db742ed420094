/* What ring's C asks of <assert.h>: it is built for release, where an assertion is nothing. C17, 7.2. */
#undef assert
#define assert(condition) ((void)0)

/* The limits of limits.def: LIMIT_blocks is the number, limit_info[LIMIT_ID_blocks] its row. */
#ifndef IR_LIMITS_H
#define IR_LIMITS_H

#include "base/base.h"

enum {
#define LIMIT(name, most, unit, what) LIMIT_##name = most,
#include "ir/limits.def"
};

typedef enum {
#define LIMIT(name, most, unit, what) LIMIT_ID_##name,
#include "ir/limits.def"
    LIMIT_COUNT
} LimitId;

typedef struct {
    const char *name;
    uint64_t most;
    const char *unit, *what;
} LimitInfo;

extern const LimitInfo limit_info[LIMIT_COUNT];

#endif

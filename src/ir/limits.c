#include "ir/limits.h"

const LimitInfo limit_info[LIMIT_COUNT] = {
#define LIMIT(name, most, unit, what) [LIMIT_ID_##name] = {#name, most, unit, what},
#include "ir/limits.def"
};

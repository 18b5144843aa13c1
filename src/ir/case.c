#include "ir/case.h"

Case *case_create(Arena *a)
{
    Case *c = arena_new(a, Case);
    c->arena = a;
    c->module = module_create(a);
    return c;
}

#include "tests/faults/faults.h"

#include "tests/faults/plants.h"

#include <dlfcn.h>
#include <stdio.h>

#define FAULT(name, stage, family, cpu, meaning, model) \
    static void hook_##name(void *data, PassStage *s) \
    { \
        (void)data; \
        if (s->after == PASS_##stage) site_visit(s, plant_##name); \
    }
#include "tests/faults/faults.def"

const Fault faults[] = {
#define FAULT(name, stage, family, cpu, meaning, model) \
    {#name, #family, #cpu, meaning, model, hook_##name},
#include "tests/faults/faults.def"
};
const uint32_t faults_n = countof(faults);

const Fault *fault_find(const char *name)
{
    for (uint32_t k = 0; k < faults_n; k++)
        if (!strcmp(faults[k].name, name)) return &faults[k];
    return NULL;
}

static bool is_complete(const Fault *f)
{
    return f->name && f->family && f->cpu && f->meaning && f->model && f->hook;
}

const Fault *fault_load(const char *path, const char **error)
{
    char here[4096]; /* a name alone would be looked for among the system's libraries */
    snprintf(here, sizeof here, "%s%s", strchr(path, '/') ? "" : "./", path);
    void *object = dlopen(here, RTLD_NOW | RTLD_LOCAL);
    const Fault *f = object ? dlsym(object, "tally_fault") : NULL;
    if (!f) return *error = dlerror(), NULL;
    if (is_complete(f)) return f;
    *error = "its tally_fault lacks a field (tests/faults/faults.h)";
    return NULL;
}

static void count_changes(void *data, PassStage *s)
{
    FaultState *state = data;
    uint32_t before = s->changes;
    state->fault->hook(NULL, s);
    state->changes += s->changes - before;
}

BackendHost fault_host(FaultState *state)
{
    return (BackendHost){.pass_hook = count_changes, .pass_hook_data = state};
}

const char *fault_backends(Arena *a, const Fault *fault)
{
    return arena_printf(a, "interp,jit:none:%s,jit:none:%s:planted", fault->cpu, fault->cpu);
}

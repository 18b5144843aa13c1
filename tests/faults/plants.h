/* The plants that faults.def names. */
#ifndef FAULTS_PLANTS_H
#define FAULTS_PLANTS_H

#include "tests/faults/site.h"

#define FAULT(name, stage, family, cpu, meaning, model) Plant plant_##name;
#include "tests/faults/faults.def"

#endif

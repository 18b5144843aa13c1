# The formats of instructions in the source that cranelift-codegen generates of itself (opcodes.rs),
# for `make ops-diff`: each with the kinds of its operands in alphabetical order.
#
#     pub enum InstructionData {          format store memflags offset32 value value
#         Store {
#             opcode: Opcode,
#             args: [Value; 2], // …
#             flags: ir::MemFlags,
#             offset: ir::immediates::Offset32,
#         }

/^pub enum InstructionData/ { inside = 1; next }
!inside { next }
/^}/ { exit }
{ sub(/ *\/\/.*/, "") }
/^    [A-Z][A-Za-z0-9]* \{/ { name = tolower($1); n = 0; next }
/^        opcode:/ { next }
/^        [a-z_]+:/ {
    kind = $2
    count = 1
    if (sub(/^\[/, "", kind)) { count = $3 + 0 }
    gsub(/^.*::|[;,\]]/, "", kind)
    while (count-- > 0) kinds[++n] = tolower(kind)
    next
}
/^    }/ {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && kinds[j - 1] > kinds[j]; j--) {
            swap = kinds[j]; kinds[j] = kinds[j - 1]; kinds[j - 1] = swap
        }
    line = "format " name
    for (i = 1; i <= n; i++) line = line " " kinds[i]
    print line
}

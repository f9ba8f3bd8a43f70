# Makes the system image of server and notebooks: `julia sysimage.jl PROJECT STATEMENTS IMAGE COMPILER`.
#
# COMPILER is an environment of its own for PackageCompiler, which does not become part of the image.
include(joinpath(@__DIR__, "common.jl"))

project, statements, image, compiler = ARGS
Pkg.activate(compiler)
try
    Pkg.add("PackageCompiler")
catch err
    fail("package", "PackageCompiler: $(said(err))")
end

# The object file is written by one silent process for minutes.
const began = time()
const alive = Timer(_ -> tell(; alive = "the system image is being made", seconds = round(Int, time() - began)), 5; interval = 5)

"""Why PackageCompiler gave up; of a process only how it ended, its own lines stand above."""
function why(err)
    isdefined(Base, :ProcessFailedException) && err isa ProcessFailedException || return said(err)
    signal = err.procs[1].termsignal
    signal == 9 ? "a process of PackageCompiler was killed: most likely it ran out of memory" :
        signal != 0 ? "a process of PackageCompiler was ended by signal $signal" :
        "a process of PackageCompiler failed with status $(err.procs[1].exitcode)"
end

names = Symbol.(sort!([name for name in keys(deps_of(TOML.parsefile(joinpath(project, "Project.toml")))) if !is_stdlib(name)]))
import PackageCompiler
target = get(ENV, "CPU_TARGET", "")
isempty(target) && (target = PackageCompiler.default_app_cpu_target())
try
    PackageCompiler.create_sysimage(names; project = project, sysimage_path = image,
        precompile_statements_file = statements, cpu_target = target)
catch err
    fail("sysimage", why(err))
finally
    close(alive)
end
isfile(image) || fail("sysimage", "PackageCompiler ended without an image")
tell(; sysimage = filesize(image), resident = join(names, " "), target = target)

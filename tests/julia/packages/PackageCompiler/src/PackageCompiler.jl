"""
Stands for PackageCompiler in tests: the one call a build makes, with a real Julia and a real linker.

It takes what the base image of Julia 1.5 has, loads the packages, compiles the statements and links the result.
"""
module PackageCompiler

using Libdl: Libdl

default_app_cpu_target() = Sys.ARCH === :x86_64 ? "generic;sandybridge,-xsaveopt,clone_all;haswell,-rdrnd,base(1)" : "generic"

# What a Julia that writes an image has not set up by itself.
const AWAKE = """
    Base.reinit_stdio()
    Core.eval(Sys, :(BINDIR = $(repr(Sys.BINDIR)); STDLIB = $(repr(Sys.STDLIB))))
    Base.init_depot_path()
    Base.init_load_path()
    """

# Only names of loaded modules are needed to understand a statement; one that cannot be compiled is left out.
const COMPILE = """
    let area = Module(:Statements), done = 0
        for (id, loaded) in Base.loaded_modules
            id.name in ("Main", "Base", "Core") || Core.eval(area, :(const \$(Symbol(id.name)) = \$loaded))
        end
        for line in eachline(STATEMENTS)
            try
                Base.include_string(area, line)
                done += 1
            catch
            end
        end
        println("compiled ", done, " statements")
    end
    empty!(LOAD_PATH)
    empty!(DEPOT_PATH)
    """

function create_sysimage(packages::Vector{Symbol}; project, sysimage_path, precompile_statements_file, cpu_target = "native")
    julia = joinpath(Sys.BINDIR, "julia")
    base = unsafe_string(Base.JLOptions().image_file)
    imports = join(("import $name\n" for name in packages))
    # First as an ordinary program, so that a package that does not load says why.
    run(`$julia --startup-file=no --project=$project -e $imports`)
    mktempdir() do dir
        object = joinpath(dir, "image.o")
        code = string(AWAKE, imports, replace(COMPILE, "STATEMENTS" => repr(precompile_statements_file)))
        run(`$julia --startup-file=no --cpu-target=$cpu_target --sysimage=$base --project=$project --output-o=$object -e $code`)
        libraries = dirname(Libdl.dlpath("libjulia"))
        run(`gcc -shared -o $sysimage_path -L$libraries -Wl,--whole-archive $object -Wl,--no-whole-archive -ljulia`)
    end
    nothing
end

end

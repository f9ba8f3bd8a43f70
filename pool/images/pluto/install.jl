# Installs what the notebooks and Pluto need into the depot: `julia install.jl FOLDER PROJECT`.
#
# Each list of packages (a Project.toml of the folder, the one inside a notebook) is installed as it stands, so that it
# is there when a notebook asks for it. PROJECT becomes one environment of all of them and Pluto, with the versions
# of the first list that names one: that is what the system image is made from.
include(joinpath(@__DIR__, "common.jl"))

struct List
    origin::String
    project::Dict{String,Any}
    manifest::String
end

"""A project without what makes it a package, which it is not where it is copied to."""
plain(project) = filter(pair -> !(first(pair) in ("name", "uuid", "version", "authors")), project)

"""A manifest that still finds packages lying in the folder itself once it is elsewhere."""
settled(manifest, folder) =
    replace(manifest, r"^path = \"([^/\"][^\"]*)\""m => text -> string("path = ", repr(joinpath(folder, text[9:end-1]))))

function lists_of(folder)
    found = List[]
    for name in sort(filter(n -> basename(n) == "Project.toml", files_of(folder)), by = n -> (count('/', n), n))
        dir = dirname(joinpath(folder, name))
        manifest = joinpath(dir, "Manifest.toml")
        text = isfile(manifest) ? settled(read(manifest, String), dir) : ""
        push!(found, List(name, plain(TOML.parsefile(joinpath(folder, name))), text))
    end
    for notebook in notebooks_of(folder)
        isempty(deps_of(notebook.project)) || push!(found, List(notebook.name, notebook.project, notebook.manifest))
    end
    found
end

function write_list(dir, list; manifest = list.manifest)
    mkpath(dir)
    open(io -> TOML.print(io, list.project), joinpath(dir, "Project.toml"), "w")
    rm(joinpath(dir, "Manifest.toml"); force = true)
    isempty(manifest) || write(joinpath(dir, "Manifest.toml"), manifest)
end

function precompile_all()
    try
        Pkg.precompile()
    catch err
        tell(; warning = "precompile", text = said(err))
    end
end

function install(list)
    dir = mktempdir()
    write_list(dir, list)
    Pkg.activate(dir)
    try
        Pkg.instantiate()
    catch err
        isempty(list.manifest) && fail("package", "$(list.origin): $(said(err))")
        # As Pluto does when it opens such a notebook: another Julia's manifest is made anew.
        tell(; warning = "manifest", notebook = list.origin,
            text = "its Manifest cannot be used with Julia $VERSION and is resolved anew: $(said(err; lines = 2))")
        write_list(dir, list; manifest = "")
        try
            Pkg.instantiate()
        catch err
            fail("package", "$(list.origin): $(said(err))")
        end
    end
    precompile_all()
    List(list.origin, list.project, read(joinpath(dir, "Manifest.toml"), String))
end

"""What one environment of everything has to hold, with the versions found first; nothing twice."""
function wanted(lists, extra, pluto)
    specs = [isempty(pluto) ? Pkg.PackageSpec(name = "Pluto") : Pkg.PackageSpec(name = "Pluto", version = pluto)]
    loose = copy(specs)
    seen = Set(["Pluto"])
    for list in lists, (name, uuid) in deps_of(list.project)
        (name in seen || is_stdlib(name)) && continue
        push!(seen, name)
        version = get(versions_of(list.manifest), name, nothing)
        push!(loose, Pkg.PackageSpec(name = name, uuid = Base.UUID(uuid)))
        push!(specs, version === nothing ? loose[end] :
            Pkg.PackageSpec(name = name, uuid = Base.UUID(uuid), version = VersionNumber(version)))
    end
    for name in extra
        name in seen && continue
        push!(seen, name)
        foreach(list -> push!(list, Pkg.PackageSpec(name = String(name))), (specs, loose))
    end
    specs, loose
end

function add(specs, loose)
    try
        Pkg.add(specs)
    catch err
        # Without versions of its own there is nothing to give way with: a package, or the network, is not there.
        length(loose) == 1 && fail("package", said(err))
        # Versions that do not go together: the notebooks' own are installed anyway, this is for the image.
        tell(; warning = "versions", text = "the notebooks' versions do not go together, newer ones are taken: $(said(err; lines = 2))")
        try
            Pkg.add(loose)
        catch again
            fail("package", said(again))
        end
    end
end

let (folder, project) = ARGS
    lists = map(install, lists_of(folder))
    extra, pluto = split(get(ENV, "PACKAGES", "")), get(ENV, "PLUTO", "")
    mkpath(project)
    first_list = isempty(lists) || !endswith(lists[1].origin, "Project.toml") ? nothing : popfirst!(lists)
    first_list === nothing || write_list(project, first_list)
    Pkg.activate(project)
    specs, loose = wanted(lists, extra, pluto)
    add(specs, loose)
    precompile_all()
    held = versions_of(read(joinpath(project, "Manifest.toml"), String))
    tell(; packages = length(held), pluto = held["Pluto"])
end

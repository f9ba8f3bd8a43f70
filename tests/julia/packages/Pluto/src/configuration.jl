"The options of 0.17.7, by the names and defaults that `👋` shows to a client."
module Configuration

# Asked when a server starts: what stands in a system image was made elsewhere.
function notebook_path_suggestion()
    folder = startswith(Sys.BINDIR, pwd()) ? homedir() : pwd()
    return joinpath(folder, "")
end

function default_number_of_threads()
    wanted = get(ENV, "JULIA_NUM_THREADS", "")
    isempty(strip(wanted)) || return wanted
    return Sys.CPU_THREADS < 4 ? min(Sys.CPU_THREADS, 2) : Sys.CPU_THREADS ÷ 2
end

Base.@kwdef mutable struct ServerOptions
    root_url::Union{Nothing,String} = nothing
    host::String = "127.0.0.1"
    port::Union{Nothing,Integer} = nothing
    launch_browser::Bool = true
    dismiss_update_notification::Bool = false
    show_file_system::Bool = true
    notebook_path_suggestion::String = notebook_path_suggestion()
    disable_writing_notebook_files::Bool = false
    auto_reload_from_file::Bool = false
    auto_reload_from_file_cooldown::Real = 0.4
    auto_reload_from_file_ignore_pkg::Bool = false
    notebook::Union{Nothing,String,Vector{<:String}} = nothing
    init_with_file_viewer::Bool = false
    simulated_lag::Real = 0.0
end

Base.@kwdef mutable struct SecurityOptions
    require_secret_for_open_links::Bool = true
    require_secret_for_access::Bool = true
end

Base.@kwdef mutable struct EvaluationOptions
    run_notebook_on_load::Bool = true
    workspace_use_distributed::Bool = true
    lazy_workspace_creation::Bool = false
end

Base.@kwdef mutable struct CompilerOptions
    compile::Union{Nothing,String} = nothing
    sysimage::Union{Nothing,String} = nothing
    banner::Union{Nothing,String} = nothing
    optimize::Union{Nothing,Int} = nothing
    math_mode::Union{Nothing,String} = nothing
    startup_file::Union{Nothing,String} = "no"
    history_file::Union{Nothing,String} = "no"
    threads::Union{Nothing,String,Int} = default_number_of_threads()
end

Base.@kwdef struct Options
    server::ServerOptions = ServerOptions()
    security::SecurityOptions = SecurityOptions()
    evaluation::EvaluationOptions = EvaluationOptions()
    compiler::CompilerOptions = CompilerOptions()
end

"Options from keywords of any group; a name that none of them has is an error."
function from_flat_kwargs(; kwargs...)
    groups = (ServerOptions, SecurityOptions, EvaluationOptions, CompilerOptions)
    for name in keys(kwargs)
        any(group -> name in fieldnames(group), groups) || throw(ArgumentError("Pluto has no option named $name"))
    end
    made = map(groups) do group
        group(; filter(pair -> first(pair) in fieldnames(group), collect(pairs(kwargs)))...)
    end
    return Options(made...)
end

"What a notebook's process is started with."
function flags(options::CompilerOptions)
    given = filter(name -> getfield(options, name) !== nothing, collect(fieldnames(CompilerOptions)))
    return [string("--", replace(string(name), "_" => "-"), "=", getfield(options, name)) for name in given]
end

end

### A Pluto.jl notebook ###
# v0.17.7

using Markdown
using InteractiveUtils

# This Pluto notebook uses @bind for interactivity. When running this notebook outside of Pluto, the following 'mock version' of @bind gives bound variables a default value (instead of an error).
macro bind(def, element)
    quote
        local iv = try Base.loaded_modules[Base.PkgId(Base.UUID("6e696c72-6542-2067-7265-42206c756150"), "AbstractPlutoDingetjes")].Bonds.initial_value catch; b -> missing; end
        local el = $(esc(element))
        global $(esc(def)) = Core.applicable(Base.get, el) ? Base.get(el) : iv(el)
        el
    end
end

# ╔═╡ 5aa07dd0-1c43-4fc8-a6ee-4a3f2b3b6c01
md"# A slider"

# ╔═╡ 5aa07dd0-1c43-4fc8-a6ee-4a3f2b3b6c02
scale = 1000

# ╔═╡ 5aa07dd0-1c43-4fc8-a6ee-4a3f2b3b6c03
@bind n html"<input type='range' min='1' max='10' value='5'>"

# ╔═╡ 5aa07dd0-1c43-4fc8-a6ee-4a3f2b3b6c04
coalesce(n, 5) * scale

# ╔═╡ Cell order:
# ╟─5aa07dd0-1c43-4fc8-a6ee-4a3f2b3b6c01
# ╠═5aa07dd0-1c43-4fc8-a6ee-4a3f2b3b6c02
# ╠═5aa07dd0-1c43-4fc8-a6ee-4a3f2b3b6c03
# ╠═5aa07dd0-1c43-4fc8-a6ee-4a3f2b3b6c04

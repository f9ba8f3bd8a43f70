### A Pluto.jl notebook ###
# v0.17.7

using Markdown
using InteractiveUtils

# ╔═╡ 6bb07dd0-1c43-4fc8-a6ee-4a3f2b3b6c01
using TinyNumbers

# ╔═╡ 6bb07dd0-1c43-4fc8-a6ee-4a3f2b3b6c02
tiny(10)

# ╔═╡ 6bb07dd0-1c43-4fc8-a6ee-4a3f2b3b6c03
made()

# ╔═╡ 6bb07dd0-1c43-4fc8-a6ee-4a3f2b3b6c04
strip(read("data/greeting.txt", String))

# ╔═╡ 00000000-0000-0000-0000-000000000001
PLUTO_PROJECT_TOML_CONTENTS = """
[deps]
TinyNumbers = "7a3f3a1e-5b1c-4c57-9d0f-2f6f0b6b9a11"

[compat]
TinyNumbers = "~1.0.0"
"""

# ╔═╡ 00000000-0000-0000-0000-000000000002
PLUTO_MANIFEST_TOML_CONTENTS = """
# This file is machine-generated - editing it directly is not advised

[[TinyNumbers]]
git-tree-sha1 = "69267c46e619e0897c63cc3ad6ef959ad2613e12"
uuid = "7a3f3a1e-5b1c-4c57-9d0f-2f6f0b6b9a11"
version = "1.0.0"
"""

# ╔═╡ Cell order:
# ╠═6bb07dd0-1c43-4fc8-a6ee-4a3f2b3b6c01
# ╠═6bb07dd0-1c43-4fc8-a6ee-4a3f2b3b6c02
# ╠═6bb07dd0-1c43-4fc8-a6ee-4a3f2b3b6c03
# ╠═6bb07dd0-1c43-4fc8-a6ee-4a3f2b3b6c04
# ╟─00000000-0000-0000-0000-000000000001
# ╟─00000000-0000-0000-0000-000000000002

"A package that a notebook of the tests uses."
module TinyNumbers

export tiny, made

"The sum of the first `n` numbers, each divided by `d`."
tiny(n; d = 2) = sum(k / d for k in 1:n)

"Which version this is."
made() = "1.0.0"

end

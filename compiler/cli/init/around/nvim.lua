-- Neovim reads this in the project where 'exrc' is set: the compiler is the language server.
vim.filetype.add({ extension = { colab = "colab" } })
vim.lsp.config("colabc", { cmd = { "colabc", "lsp" }, filetypes = { "colab" }, root_markers = { "cluster.colab" } })
vim.lsp.enable("colabc")

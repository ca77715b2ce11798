-- The parser and the queries in Neovim: the file has no error, each query finds something in it, the
-- highlighter takes it. Ends with 1 and a reason otherwise.

local ts = vim.treesitter
local query = ts.query.get or ts.query.get_query

local function main()
  local buffer = vim.api.nvim_get_current_buf()
  local parser = ts.get_parser(buffer, "colab")
  local root = parser:parse()[1]:root()
  assert(not root:has_error(), "the file has an error: " .. root:sexpr())
  assert(root:named_child_count() > 3, "the file is hardly read")
  for _, name in ipairs({ "highlights", "folds", "indents", "locals", "injections" }) do
    local found = 0
    for _ in query("colab", name):iter_captures(root, buffer, 0, -1) do
      found = found + 1
    end
    assert(found > 0, name .. " finds nothing")
  end
  ts.highlighter.new(parser)
end

local fine, reason = pcall(main)
if not fine then
  io.stderr:write("Neovim: " .. tostring(reason) .. "\n")
end
vim.cmd(fine and "qall!" or "cquit!")

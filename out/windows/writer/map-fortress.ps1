# Made by colabc; changes here are lost. Edit instead:
#   node writer, nodes/writer.colab
#   share fortress, cluster.colab
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3
$drive = 'Z:'
$remote = '\\100.64.0.1\fortress'
$server = '100.64.0.1'

# A drive that an elevated session maps is seen by no other.
$me = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if ($me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
  throw 'Run this as yourself, not as an administrator.'
}

$mapping = Get-SmbMapping -LocalPath $drive -ErrorAction SilentlyContinue
if ($mapping -and ($mapping.RemotePath -eq $remote)) { exit 0 }

# The vault of Windows keeps the password: asked for once, and never in a file of ours.
$stored = (cmdkey.exe "/list:$server") -join ' '
if ($stored -notmatch [regex]::Escape("target=$server")) {
  cmdkey.exe "/add:$server" '/user:crtr' /pass
  if ($LASTEXITCODE -ne 0) { throw 'Windows did not take the password.' }
}

if ($mapping) { Remove-SmbMapping -LocalPath $drive -UpdateProfile -Force }
New-SmbMapping -LocalPath $drive -RemotePath $remote -Persistent $true | Out-Null

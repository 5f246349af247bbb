@echo off
rem Runs Equipoise with the Java of JAVA_HOME, else of the PATH. JAVA_OPTS is passed on to it.
setlocal
set "HOME_FOLDER=%~dp0.."
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java.exe"
"%JAVA%" -version >nul 2>&1
if errorlevel 1 (
  echo equipoise: no Java found; install Java 17 or newer, or set JAVA_HOME to one 1>&2
  exit /b 1
)
set "OPT_OUT_TRACKING=true"
if not defined DJL_OFFLINE set "DJL_OFFLINE=true"
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"
"%JAVA%" -XX:MaxRAMPercentage=50 -XX:+UseParallelGC -Djava.awt.headless=true -Dfile.encoding=UTF-8 %JAVA_OPTS% -jar "%HOME_FOLDER%\lib\equipoise-cli-${project.version}.jar" %*
exit /b %ERRORLEVEL%

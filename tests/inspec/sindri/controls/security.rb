# frozen_string_literal: true

hardening = toml({ content: inspec.profile.file('hardening.toml') }).params
security = toml({ content: inspec.profile.file('image.toml') }).params['security']
# What holds, drop-in files included; a resource that reads the main file alone would miss them. The directory is made
# by the service, which need not run.
effective = 'sudo -n sh -c "mkdir -p /run/sshd && $(command -v sshd || echo /usr/sbin/sshd) -T"'
unhardened = 'the image was built without --cis-hardening'
sshd = lambda do |keyword|
  /^#{Regexp.escape(keyword)} #{Regexp.escape(hardening['sshd'][keyword])}$/i
end

{ 'sec-01' => ['Root cannot log in over SSH', %w[PermitRootLogin]],
  'sec-02' => ['Nobody logs in over SSH with a password',
               %w[PasswordAuthentication KbdInteractiveAuthentication PermitEmptyPasswords]],
  'sec-04' => ['SSH forwards no displays', %w[X11Forwarding]],
  'sec-05' => ['SSH gives few attempts', %w[MaxAuthTries]] }.each do |id, (name, keywords)|
  control id do
    impact 1.0
    title name
    only_if(unhardened) { input('hardened') }
    keywords.each do |keyword|
      describe command(effective) do
        its('stdout') { should match(sshd.call(keyword)) }
      end
    end
  end
end

control 'sec-03' do
  impact 0.7
  title 'SSH has the settings, ciphers and limits of the benchmark'
  only_if(unhardened) { input('hardened') }
  hardening['sshd'].each_key do |keyword|
    describe command(effective) do
      its('stdout') { should match(sshd.call(keyword)) }
    end
  end
  describe command(effective) do
    its('stdout') { should_not match(/^(ciphers|macs|kexalgorithms) .*(cbc|3des|arcfour|md5|sha1(,|$)|group1-)/) }
  end
end

control 'sec-06' do
  impact 0.7
  title 'The firewall starts with the machine'
  only_if(unhardened) { input('hardened') }
  describe file('/etc/ufw/ufw.conf') do
    its('content') { should match(/^ENABLED=yes$/) }
  end
  describe service('ufw') do
    it { should be_enabled }
  end
end

control 'sec-07' do
  impact 0.7
  title 'The firewall lets SSH in'
  only_if(unhardened) { input('hardened') }
  describe file('/etc/ufw/user.rules') do
    its('content') { should match(/^-A ufw-user-input -p tcp --dport #{security['ssh_port']} -j ACCEPT$/) }
  end
end

control 'sec-08' do
  impact 0.7
  title 'The firewall lets nothing else in'
  only_if(unhardened) { input('hardened') }
  describe file('/etc/default/ufw') do
    its('content') { should match(/^DEFAULT_INPUT_POLICY="DROP"$/) }
  end
end

control 'sec-09' do
  impact 0.7
  title 'Updates install themselves'
  describe package(security['unattended']) do
    it { should be_installed }
  end
  describe service(security['unattended']) do
    it { should be_enabled }
  end
end

control 'sec-10' do
  impact 0.7
  title 'No file of the system can be written by everybody'
  describe command('sudo -n find / -xdev -type f -perm -0002 -not -path "/proc/*" -not -path "/sys/*"') do
    its('stdout') { should eq '' }
  end
end

control 'sec-11' do
  impact 0.7
  title 'Programs that run as their owner come from packages'
  script = 'find / -xdev -type f -perm /6000 -exec sh -c "dpkg -S \"\$0\" >/dev/null 2>&1 || ' \
           'dpkg -S \"\${0#/usr}\" >/dev/null 2>&1 || echo \"\$0\"" {} \;'
  describe command("sudo -n sh -c '#{script}'") do
    its('stdout') { should eq security['setuid'].map { |path| "#{path}\n" }.join }
  end
end

control 'sec-12' do
  impact 1.0
  title 'Lists of users and passwords have the right permissions'
  %w[/etc/passwd /etc/group /etc/shadow /etc/gshadow].each do |path|
    most = hardening['modes'].find { |mode| mode['path'] == path }['most']
    describe file(path) do
      its('owner') { should eq 'root' }
      it { should_not be_more_permissive_than(most) }
    end
  end
end

control 'sec-13' do
  impact 0.7
  title 'The kernel has the settings of the benchmark'
  only_if(unhardened) { input('hardened') }
  hardening['sysctl'].each do |key, value|
    describe file('/etc/sysctl.d/90-sindri-cis.conf') do
      its('content') { should match(/^#{Regexp.escape(key)} = #{Regexp.escape(value)}$/) }
    end
  end
end

control 'sec-14' do
  impact 0.7
  title 'The running kernel obeys them'
  only_if('the system does not run, or is not hardened') { input('booted') && input('hardened') }
  hardening['sysctl'].each do |key, value|
    describe kernel_parameter(key) do
      its('value') { should cmp value }
    end
  end
end

control 'sec-15' do
  impact 0.5
  title 'Rare file systems cannot be loaded'
  only_if(unhardened) { input('hardened') }
  hardening['modules'].each do |name|
    describe command("sudo -n modprobe --showconfig") do
      its('stdout') { should match(%r{^install #{name} /bin/false$}) }
    end
  end
end

control 'sec-16' do
  impact 0.5
  title 'Passwords, sudo, audit and fail2ban have the settings of the benchmark'
  only_if(unhardened) { input('hardened') }
  hardening['login_defs'].each do |key, value|
    describe login_defs do
      its(key) { should eq value }
    end
  end
  hardening['file_lines'].each do |wanted|
    pattern = wanted['line'].split.map { |word| Regexp.escape(word) }.join('\s+')
    describe command("sudo -n cat #{wanted['path']}") do
      its('stdout') { should match(/^\s*#{pattern}\s*$/) }
    end
  end
end

control 'sec-17' do
  impact 0.5
  title 'The services of the benchmark start with the machine'
  only_if(unhardened) { input('hardened') }
  hardening['services'].each do |name|
    describe service(name) do
      it { should be_enabled }
    end
  end
end
